// arguments: the tags input, the tag. Is the tag on the form, apart from what stands in the input itself?
const [input, tag] = arguments;
const wanted = key(tag);
const around = input.form || input.closest("fieldset, section, div") || document.body;
const hidden = [...document.querySelectorAll("input[type=hidden], input[name^='postAdForm.tags'], select option")].some(
  (el) => el !== input && /tag/i.test(el.name || "") && el.value.split(/[,;|]/).some((part) => key(part) === wanted),
);
const walker = document.createTreeWalker(around, NodeFilter.SHOW_TEXT);
let seen = false;
while (!seen && walker.nextNode()) {
  const parent = walker.currentNode.parentElement;
  seen = key(walker.currentNode.data) === wanted && !parent.closest("textarea, script, style, option, datalist");
}
return { added: hidden || seen, left: input.value };
