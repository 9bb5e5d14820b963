// What all scripts of a page share.

const renamed = JSON.parse(document.documentElement.dataset.renamed ?? "{}");

/** The id that an element has in this build of the site: nearly always the usual one. */
export function idOf(usual) {
  return renamed[usual] ?? usual;
}

/** The element with this usual id, or null. */
export function byId(usual) {
  return document.getElementById(idOf(usual));
}
