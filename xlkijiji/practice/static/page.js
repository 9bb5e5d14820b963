// What all scripts of a page share.

const words = JSON.parse(document.getElementById("PageWords")?.textContent ?? "{}");
const renamed = JSON.parse(document.documentElement.dataset.renamed ?? "{}");

/** The id that an element has in this build of the site: nearly always the usual one. */
export function idOf(usual) {
  return renamed[usual] ?? usual;
}

/** The element with this usual id, or null. */
export function byId(usual) {
  return document.getElementById(idOf(usual));
}

/** A text in the page's language, with its {placeholders} filled in. */
export function say(english, values = {}) {
  return (words[english] ?? english).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
