// arguments: a package's button. The text of that package alone: the largest part around it without another package.
const [button] = arguments;
const isOther = (el) => el !== button && !button.contains(el);
let part = button;
while (
  part.parentElement &&
  part.parentElement !== document.body &&
  ![...part.parentElement.querySelectorAll("[data-testid^='package-'][data-testid$='-select']")].some(isOther) &&
  !part.parentElement.querySelector("textarea, input[type=text], #TotalPrice")
) {
  part = part.parentElement;
}
return textOf(part).slice(0, 2000);
