// arguments: candidates of paid extras, candidates of the box that accepts the site's terms. Leaves the extras off, ticks
// the terms; whether they are ticked, or true where there are none.
for (const extra of located(arguments[0])) if (extra.checked) extra.click();
const [box] = located(arguments[1]);
if (!box || box.checked) return true;
(box.labels[0] || box).click();
// its label may hold links to the terms, or do nothing
if (!box.checked) box.click();
return box.checked;
