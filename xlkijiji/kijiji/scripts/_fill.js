// Filling the plain fields: fields as {key, candidates: [[candidate, …], …], text, wanted: [words], multi}.
const optionsOf = (controls) =>
  controls[0].tagName === "SELECT"
    ? [...controls[0].options].filter((o) => o.value !== "").map((o) => plain(o.text))
    : controls.map((c) => labelOf(c) || c.value);

const choose = (select, wanted) => {
  for (const word of wanted.map(key)) {
    const option = [...select.options].find((o) => !o.disabled && (key(o.value) === word || key(o.text) === word));
    if (option) {
      if (select.value !== option.value) setValue(select, option.value);
      return true;
    }
  }
  return false;
};

const tick = (controls, wanted) => {
  for (const word of wanted.map(key)) {
    const control = controls.find((c) => !c.disabled && namesOf(c).includes(word));
    if (control) {
      if (!control.checked) control.click();
      return true;
    }
  }
  return false;
};

const fill = (controls, { text, wanted, multi }) => {
  const [first] = controls;
  if (controls.every((c) => c.disabled)) return "disabled";
  if (first.tagName === "SELECT") return choose(first, wanted) ? "filled" : "no_option";
  if (["radio", "checkbox"].includes(first.type)) {
    if (multi) return wanted.every((word) => tick(controls, [word])) ? "filled" : "no_option";
    return tick(controls, wanted) ? "filled" : "no_option";
  }
  if (first.readOnly) return "disabled";
  if (first.value !== text) setValue(first, text);
  return "filled";
};

// How it went: {key, state, options, at}, where `at` is the group of candidates that had the field. States: filled,
// missing, disabled, no_option.
const fillFields = (fields) =>
  fields.map((field) => {
    for (let at = 0; at < field.candidates.length; at++) {
      const controls = controlsOf(field.candidates[at]);
      if (!controls.length) continue;
      const state = fill(controls, field);
      return { key: field.key, state, at, options: state === "no_option" ? optionsOf(controls) : [] };
    }
    return { key: field.key, state: "missing", at: -1, options: [] };
  });
