// arguments: a package's button. That package's own card: {text, free}, where `free` says that a line of it is nothing
// but "Free". A card is the smallest part around the button that names an amount in dollars; without one, the largest
// that is neither the form, nor holds another package or any field of the ad, whose price type may be "Free" as well.
const [button] = arguments;
const beyond =
  "form, main, body, #MainForm, :has([name^='postAdForm.']), :has([name='postAdForm.priceType']), :has(#TotalPrice)";
const isOther = (el) => el !== button && !button.contains(el);
const holdsAnother = (el) => [...el.querySelectorAll("[data-testid^='package-'][data-testid$='-select']")].some(isOther);
const namesAmount = (el) => /\$\s*\d|\d\s*\$/.test(textOf(el));
let card = button;
while (!namesAmount(card)) {
  const wider = card.parentElement;
  if (!wider || wider.matches(beyond) || holdsAnother(wider)) break;
  card = wider;
}
const lines = [...card.querySelectorAll("*"), card].flatMap((el) => (el.innerText || "").split("\n"));
return {
  text: textOf(card).slice(0, 2000),
  free: lines.some((line) => /^(free|gratuite?)$/i.test(plain(line))),
};
