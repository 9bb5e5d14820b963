// The photos of a live ad: a click on a small one, or on an arrow, shows it large.

const gallery = document.querySelector("[data-gallery]");
const large = gallery.querySelector("[data-part=large]");
const links = [...gallery.querySelectorAll("[data-testid=gallery] a")];
let shown = 0;

function show(index) {
  shown = (index + links.length) % links.length;
  large.href = links[shown].href;
  large.firstElementChild.src = links[shown].href;
  large.firstElementChild.alt = links[shown].firstElementChild.alt;
  links.forEach((link, place) => link.toggleAttribute("aria-current", place === shown));
}

links.forEach((link, place) => link.addEventListener("click", (event) => {
  event.preventDefault();
  show(place);
}));
for (const button of gallery.querySelectorAll("button[data-step]")) {
  button.addEventListener("click", () => show(shown + Number(button.dataset.step)));
}
