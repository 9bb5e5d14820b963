// arguments: a button that chooses something. Clicks it as a mouse does; whether it says now that it's chosen.
const [button] = arguments;
for (const name of ["mousedown", "mouseup"]) button.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true }));
button.click();
return ["aria-pressed", "aria-checked", "aria-selected"].some((name) => button.getAttribute(name) === "true");
