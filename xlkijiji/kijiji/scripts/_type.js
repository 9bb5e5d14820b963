// Typing without leaving the field: no blur, as lists of suggestions close then.
const typeInto = (control, text) => {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), "value").set.call(control, text);
  control.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: "Unidentified" }));
  tell(control, "input");
  control.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true, key: "Unidentified" }));
};
