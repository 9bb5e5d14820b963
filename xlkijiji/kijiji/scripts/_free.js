// Leaves paid extras off, and ticks the site's terms; whether they are ticked, or true where there are none.
const leaveFree = (extraCandidates, termsCandidates) => {
  for (const extra of located(extraCandidates)) if (extra.checked) extra.click();
  const [box] = located(termsCandidates);
  if (!box || box.checked) return true;
  (box.labels[0] || box).click();
  // its label may hold links to the terms, or do nothing
  if (!box.checked) box.click();
  return box.checked;
};
// Presses the button of a package, if there is one; whether the page says now that it's chosen.
const takePackage = (button) => {
  if (!button) return false;
  for (const name of ["mousedown", "mouseup"]) button.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true }));
  button.click();
  return ["aria-pressed", "aria-checked", "aria-selected"].some((name) => button.getAttribute(name) === "true");
};
