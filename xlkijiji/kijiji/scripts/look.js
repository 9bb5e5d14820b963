// needs: _page
// arguments: {name: candidates}, candidates for _page.js. What each field is at this moment, or null; and the page.
const seen = (el) => ({
  element: el,
  text: textOf(el),
  value: el.value === undefined || el.value === null ? "" : String(el.value),
  enabled: !el.disabled && el.getAttribute("aria-disabled") !== "true",
  multiple: Boolean(el.multiple),
  pressed: ["aria-pressed", "aria-checked", "aria-selected"].some((name) => el.getAttribute(name) === "true"),
});
const fields = Object.entries(arguments[0]).map(([name, candidates]) => {
  const [el] = located(candidates);
  return [name, el ? seen(el) : null];
});
return { fields: Object.fromEntries(fields), state: pageState(arguments[1]) };
