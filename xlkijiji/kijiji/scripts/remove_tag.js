// needs: _tags
// arguments: the tags input, the tags to keep. Presses the button that removes the first other tag: {pressed: was there
// one, left: the other tags that were on the form before that}.
const [input, wanted] = arguments;
const keep = new Set(wanted.map(key));
const own = tagPart(input);
const removes = (el) => /^[×✕✖✗x]$|remove|delete|supprimer|retirer|enlever/i.test(
  plain(el.getAttribute("aria-label")) || plain(el.title) || textOf(el),
);
const buttons = [...own.querySelectorAll("button, a, [role=button]")].filter(removes);
// the largest part around a button that has neither the input nor another such button
const chipOf = (button) => {
  let chip = button;
  const alone = (el) => !el.contains(input) && buttons.filter((other) => el.contains(other)).length === 1;
  while (chip.parentElement && chip.parentElement !== own && alone(chip.parentElement)) chip = chip.parentElement;
  return chip;
};
const tagOf = (button) => plain(textOf(chipOf(button)).replace(textOf(button), ""));
const sent = [...own.querySelectorAll("input[type=hidden]")].filter((el) => /tag/i.test(el.name || ""))
  .flatMap((el) => el.value.split(/[,;|]/)).map(plain);
const others = buttons.filter((button) => tagOf(button) && !keep.has(key(tagOf(button))));
const left = [...new Set([...sent, ...others.map(tagOf)])].filter((tag) => tag && !keep.has(key(tag)));
if (others.length) others[0].click();
return { pressed: others.length > 0, left };
