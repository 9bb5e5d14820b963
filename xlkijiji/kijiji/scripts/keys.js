// arguments: may keys be typed? While a program fills in the form they may not: a window that comes to the front gets what
// a person types for another one, and an Enter there would send the form.
const keys = (window.xlkijijiKeys ||= { watched: false });
keys.open = arguments[0];
if (!keys.open && !keys.watched) {
  keys.watched = true;
  const stop = (event) => {
    const command = event.key !== "Enter" && (event.ctrlKey || event.altKey || event.metaKey);
    if (keys.open || !event.isTrusted || command) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  for (const type of ["keydown", "keypress", "keyup", "beforeinput", "paste"]) window.addEventListener(type, stop, true);
}
