// What fields as in _fill.js hold now: {key, kind, values}; kind is text, choice or missing.
// A choice gives all names (value, label, id's end) of what is chosen, as keys, and its wanted words as keys too.
const readFields = (fields) =>
  fields.map((field) => {
    const wanted = field.wanted.map(key);
    for (const candidates of field.candidates) {
      const controls = controlsOf(candidates);
      if (!controls.length) continue;
      const [first] = controls;
      if (first.tagName === "SELECT") {
        const option = first.selectedOptions[0];
        return { key: field.key, kind: "choice", wanted, values: option ? [key(option.value), key(option.text)] : [] };
      }
      if (["radio", "checkbox"].includes(first.type)) {
        const values = controls.filter((c) => c.checked).flatMap(namesOf);
        return { key: field.key, kind: "choice", wanted, values };
      }
      return { key: field.key, kind: "text", wanted, values: [first.value] };
    }
    return { key: field.key, kind: "missing", wanted, values: [] };
  });
