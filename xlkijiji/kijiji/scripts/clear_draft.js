// arguments: candidates of the description. Where it holds something, the form is a draft of an earlier ad: empties the
// attributes that it left behind, where they can be empty; how many.
if (!controlsOf(arguments[0]).some((el) => el.value)) return 0;
let cleared = 0;
for (const el of document.querySelectorAll("[name^='postAdForm.attributeMap[']")) {
  const isText = el.matches("textarea, input:not([type=radio]):not([type=checkbox]):not([type=hidden])");
  const isList = el.tagName === "SELECT" && [...el.options].some((o) => o.value === "");
  if ((isText || isList) && el.value !== "" && !el.disabled) {
    setValue(el, "");
    cleared++;
  }
}
return cleared;
