// Puts back what cover.js has changed.
for (const [el, style] of window.xlkijijiCovered || []) {
  if (style === null) el.removeAttribute("style");
  else el.style.cssText = style; // a page may forbid to set the attribute
}
delete window.xlkijijiCovered;
