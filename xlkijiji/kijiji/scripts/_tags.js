// The part of the form around the tags input that has no other field.
const tagPart = (input) => {
  const around = input.form || input.closest("fieldset, section, div") || document.body;
  const isField = (el) => el !== input && el.matches("select, textarea, input:not([type=hidden])");
  let own = input;
  while (own.parentElement && own !== around && ![...own.parentElement.querySelectorAll("*")].some(isField)) {
    own = own.parentElement;
  }
  return own;
};
// How often a tag is on the form apart from what stands in the input itself:
// {held: in fields that are sent, near: as text beside the input, seen: as text anywhere on the form, left: the input}.
// A form's own words ("Owner", "New") may equal a tag, so its labels, buttons and choices beside the input don't count,
// and text elsewhere tells something only when there's more of it than before.
const tagSeen = (input, tag) => {
  const wanted = key(tag);
  const around = input.form || input.closest("fieldset, section, div") || document.body;
  const holds = (el) => /tag/i.test(el.name || "") && el.value.split(/[,;|]/).some((part) => key(part) === wanted);
  const held = [...document.querySelectorAll("input[type=hidden], input[name^='postAdForm.tags'], select option")].filter(
    (el) => el !== input && holds(el),
  ).length;

  const textsIn = (part, without) => {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    let count = 0;
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (key(walker.currentNode.data) === wanted && !parent.closest(without)) count++;
    }
    return count;
  };

  const own = tagPart(input);
  const never = "textarea, script, style, option, datalist, [role=option], [role=listbox]";
  return {
    held,
    near: textsIn(own, `${never}, label, legend, button, h1, h2, h3, h4`),
    seen: textsIn(around, never),
    left: input.value,
  };
};
