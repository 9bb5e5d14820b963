// arguments: the submit button. Whether a click would reach it, and what the browser itself would object to.
const [button] = arguments;
button.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
const box = button.getBoundingClientRect();
const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
const reaches = Boolean(top) && (button === top || button.contains(top) || top.contains(button));
const form = button.form;
const judged = form && !form.noValidate && !button.formNoValidate && button.type === "submit";
const address = button.getAttribute("formaction") || (form && form.getAttribute("action"));
return {
  // where the form goes; a field of it that is named "action" would hide form.action
  target: form && button.type === "submit" ? new URL(address || "", document.baseURI).href : "",
  disabled: button.disabled || button.getAttribute("aria-disabled") === "true",
  cover: reaches ? "" : top ? textOf(top).slice(0, 200) || top.tagName.toLowerCase() : "outside the window",
  invalid: judged
    ? [...form.elements]
        .filter((el) => el.willValidate && !el.checkValidity())
        .map((el) => ({ field: el.id || el.name, label: labelOf(el), text: el.validationMessage }))
    : [],
};
