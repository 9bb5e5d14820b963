// Whatever covers the page goes away once its button is pressed.

for (const cover of document.querySelectorAll("[data-overlay]")) {
  cover.querySelector("[data-closes]").addEventListener("click", () => cover.remove());
}
