// arguments: the file input. The addresses to which its files would go, as far as the page tells: the form around it,
// and what the input or an element around it says in a data attribute. A target that only a script knows isn't seen.
const [input] = arguments;
const ABOUT_UPLOAD = /^data-(.*-)?(upload|action|endpoint)(-.*)?$/;
const found = [];
const note = (address) => {
  try {
    found.push(new URL(address, document.baseURI).href);
  } catch {
    // no address, so nothing is sent to it
  }
};
if (input.form) note(input.form.getAttribute("action") || "");
for (let el = input; el && el !== document.body; el = el.parentElement) {
  for (const { name, value } of el.attributes) {
    const isAbout = ABOUT_UPLOAD.test(name) || (el === input && name === "data-url");
    if (isAbout && /^(https?:)?\//i.test(value.trim())) note(value.trim());
  }
}
return found;
