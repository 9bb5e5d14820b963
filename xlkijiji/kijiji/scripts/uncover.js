// Puts back what cover.js has changed.
for (const [el, style] of window.xlkijijiCovered || []) {
  if (style === null) el.removeAttribute("style");
  else el.setAttribute("style", style);
}
delete window.xlkijijiCovered;
