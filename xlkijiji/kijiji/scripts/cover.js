// arguments: secrets. Makes what shows one invisible, for a picture; uncover.js puts it back. What a password field
// holds is covered too, though it shows dots: their number is nobody's business.
const [secrets] = arguments;
const holds = (text) => secrets.some((secret) => text.includes(secret));
const covered = [...document.querySelectorAll("input[type=password]")];
for (const el of document.querySelectorAll("input, textarea, select")) if (holds(el.value || "")) covered.push(el);
const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) if (holds(texts.currentNode.data)) covered.push(texts.currentNode.parentElement);
window.xlkijijiCovered = [...new Set(covered)].map((el) => [el, el.getAttribute("style")]);
for (const [el] of window.xlkijijiCovered) el.style.setProperty("visibility", "hidden", "important");
// a picture shows what was drawn last, so two frames must have been drawn since; a window that is hidden draws none
const frames = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
return Promise.race([frames, new Promise((done) => setTimeout(() => done(false), 1000))]);
