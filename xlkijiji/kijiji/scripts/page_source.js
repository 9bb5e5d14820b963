// The page's source without scripts and without what the site takes for a key: {html, keys}; `keys` are the values that
// were taken out, since one may stand elsewhere too.
const SECRET = /xsrf|csrf|token|ticket|session|secret|nonce|password|passwd|credential|\bauth|jwt|^sid$|api.?key/i;
const keys = new Set();
const page = document.documentElement.cloneNode(true);
const take = (el, name) => {
  const value = el.getAttribute(name);
  if (!value) return;
  keys.add(value);
  el.setAttribute(name, "[hidden]");
};
const address = (el, name) => {
  const [path, query] = el.getAttribute(name).split("?");
  if (!query) return;
  const parts = query.split("&").map((part) => {
    const [key, value] = part.split("=");
    if (!value || !SECRET.test(key)) return part;
    keys.add(value);
    return `${key}=[hidden]`;
  });
  el.setAttribute(name, `${path}?${parts.join("&")}`);
};
for (const el of page.querySelectorAll("script, noscript, template, object, embed, base")) el.remove();
for (const el of page.querySelectorAll("meta[http-equiv]")) el.remove();
for (const el of page.querySelectorAll("iframe[srcdoc]")) el.removeAttribute("srcdoc");
for (const el of [page, ...page.querySelectorAll("*")]) {
  const named = `${el.getAttribute("name") || ""} ${el.id || ""} ${el.getAttribute("property") || ""}`;
  if (el.matches("input[type=password]")) take(el, "value");
  if (el.matches("input, meta") && named.split(" ").some((word) => SECRET.test(word))) {
    take(el, "value");
    take(el, "content");
  }
  for (const { name } of [...el.attributes]) {
    if (name.startsWith("on")) el.removeAttribute(name);
    else if (name.startsWith("data-") && SECRET.test(name)) take(el, name);
    else if (["href", "src", "action", "formaction"].includes(name)) address(el, name);
  }
}
const comments = document.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
const old = [];
while (comments.nextNode()) old.push(comments.currentNode);
for (const comment of old) comment.remove();
return { html: page.outerHTML, keys: [...keys] };
