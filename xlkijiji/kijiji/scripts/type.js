// arguments: groups of candidates, text. Types without leaving the field: no blur, as lists of suggestions close then.
const [control] = arguments[0].flatMap((candidates) => controlsOf(candidates));
Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), "value").set.call(control, arguments[1]);
control.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: "Unidentified" }));
tell(control, "input");
control.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true, key: "Unidentified" }));
