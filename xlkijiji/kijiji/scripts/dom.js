// What all scripts share. A "candidate" is {css, text, hidden}, as in selectors.toml.
const shown = (el) => el.getClientRects().length > 0 && getComputedStyle(el).visibility !== "hidden";
const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
// letters and digits only, without accents and case: "Used - Like new" and "usedlikenew" are one
const key = (text) => plain(text).toLowerCase().normalize("NFKD").replace(/[^\p{L}\p{N}+]/gu, "");
const textOf = (el) => plain(el.innerText || el.value || el.textContent);

const labelOf = (el) => {
  const label = (el.labels && el.labels[0]) || document.querySelector(`label[for="${CSS.escape(el.id || "\u0000")}"]`);
  return plain(label ? label.textContent : el.getAttribute("aria-label") || "");
};

const located = (candidates, root, needShown) => {
  for (const { css, text, label, hidden } of candidates) {
    const wanted = text ? new RegExp(text, "i") : null;
    const named = label ? new RegExp(label, "i") : null;
    const found = [...(root || document).querySelectorAll(css)].filter(
      (el) =>
        ((hidden && !needShown) || shown(el)) &&
        (!wanted || wanted.test(textOf(el))) &&
        (!named || named.test(labelOf(el)) || named.test(plain(el.getAttribute("aria-label")))),
    );
    if (found.length) return found;
  }
  return [];
};

const controlsOf = (candidates) => {
  const isControl = (el) => el.matches("select, textarea, input:not([type=hidden])");
  for (const el of located(candidates)) {
    const control = isControl(el) ? el : el.querySelector("select, textarea, input:not([type=hidden])");
    if (!control) continue;
    if (!["radio", "checkbox"].includes(control.type)) return [control];
    // one id is known, and the others of the group follow by name
    const all = new Set(located(candidates).filter(isControl));
    all.add(control);
    if (control.name) {
      for (const other of document.getElementsByName(control.name)) if (isControl(other)) all.add(other);
    }
    return [...all];
  }
  return [];
};

const namesOf = (el) => {
  const names = [el.value, labelOf(el)];
  const dash = (el.id || "").lastIndexOf("-");
  if (dash >= 0) names.push(el.id.slice(dash + 1));
  return names.filter(Boolean).map(key);
};

const tell = (el, ...names) => names.forEach((name) => el.dispatchEvent(new Event(name, { bubbles: true })));

// a framework that watches the property must see the native setter called, and real events that bubble
const setValue = (el, value) => {
  const prototype = Object.getPrototypeOf(el);
  el.dispatchEvent(new FocusEvent("focus"));
  el.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  Object.getOwnPropertyDescriptor(prototype, "value").set.call(el, value);
  tell(el, "input", "change");
  el.dispatchEvent(new FocusEvent("blur"));
  el.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
};
