// arguments: row candidates, empty-list candidates, still-loading candidates. Each ad's id, the address its row links
// to, and every text by which its title may show; and what tells whether a list without rows is one without ads.
const rows = new Map();
for (const row of located(arguments[0])) {
  const tag = [row.dataset.testid, row.dataset.qaId].find((text) => /(listing|ad)-id-\d+$/.test(text || ""));
  if (!tag) continue;
  const id = tag.match(/\d+$/)[0];
  if (rows.has(id)) continue;
  const links = [...row.querySelectorAll("a[href]"), ...(row.matches("a[href]") ? [row] : [])];
  const toAd = links.filter((a) => new URL(a.href).pathname.split("/").includes(id) && a.pathname.startsWith("/v-"));
  const texts = [
    ...(toAd.length ? toAd : links).flatMap((a) => [plain(a.innerText), plain(a.title), plain(a.getAttribute("aria-label"))]),
    ...[...row.querySelectorAll("h1, h2, h3, h4, [class*=itle]")].map(textOf),
    ...(row.innerText || "").split("\n").map(plain),
    ...[...row.querySelectorAll("img[alt]")].map((img) => plain(img.alt)),
  ].filter(Boolean);
  rows.set(id, { id, url: toAd.length ? toAd[0].href : "", texts: [...new Set(texts)] });
}
const pages = [...document.querySelectorAll("a[href*='/m-my-ads/active/']")]
  .map((a) => Number((a.pathname.match(/\/m-my-ads\/active\/(\d+)/) || [])[1] || 0));
const asked = performance.getEntriesByType("resource").filter((e) => ["fetch", "xmlhttprequest"].includes(e.initiatorType));
return {
  rows: [...rows.values()],
  pages,
  saysEmpty: located(arguments[1]).length > 0,
  loading: document.readyState !== "complete" || located(arguments[2]).length > 0,
  asked: asked.length,
  // changes whenever the page does, or an answer arrives
  looks: `${asked.length} ${document.getElementsByTagName("*").length} ${document.body ? document.body.innerText : ""}`,
};
