// Of several buttons of one wording, the one nearest to the field in the page's tree; without a field, the one whose
// surroundings speak of it, as the pattern `words` says; else null.
const nearestTo = (buttons, field, words) => {
  const distance = (button) => {
    let steps = 0;
    for (let part = button; part; part = part.parentElement, steps++) if (part.contains(field)) return steps;
    return Infinity;
  };
  if (field) return [...buttons].sort((a, b) => distance(a) - distance(b))[0] || null;
  const pattern = new RegExp(words, "i");
  const speaks = (button) => {
    let part = button;
    for (let steps = 0; part && steps < 4; part = part.parentElement, steps++) {
      if (pattern.test(textOf(part) + " " + (part.getAttribute("aria-label") || ""))) return true;
    }
    return false;
  };
  return [...buttons].find(speaks) || null;
};
