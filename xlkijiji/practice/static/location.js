// The location counts only when a suggestion was clicked. Typing alone undoes an earlier choice.
import { byId, idOf } from "./page.js";

const PAUSE = 150; // milliseconds without a key before the server is asked

/** @param {HTMLFormElement} form */
export function connectLocation(form) {
  const root = byId("LocationField");
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const text = byId("location");
  const menu = byId("LocationSelector-menu");
  const chosenId = form.elements.namedItem("locationId");
  let chosenLabel = chosenId.value ? text.value : "";
  let timer = 0;
  let asked = 0;

  function show() {
    const isChosen = Boolean(chosenId.value);
    part("chosen").hidden = !isChosen;
    part("search").hidden = isChosen;
    part("label").textContent = chosenLabel;
  }

  function close() {
    menu.hidden = true;
    menu.replaceChildren();
    text.setAttribute("aria-expanded", "false");
  }

  function choose(place) {
    chosenId.value = place.locationId;
    chosenLabel = place.label;
    text.value = place.label;
    close();
    show();
  }

  function offer(places) {
    menu.replaceChildren(...places.map((place, index) => {
      const item = document.createElement("div");
      item.id = idOf(`LocationSelector-item-${index}`);
      item.setAttribute("role", "option");
      item.textContent = place.label;
      item.addEventListener("click", () => choose(place));
      return item;
    }));
    menu.hidden = places.length === 0;
    text.setAttribute("aria-expanded", String(places.length > 0));
  }

  async function ask() {
    asked += 1;
    const mine = asked;
    const answer = await fetch(`/p-suggest-location.json?q=${encodeURIComponent(text.value)}`);
    const places = answer.ok ? await answer.json() : [];
    if (mine === asked) offer(places); // an earlier question's answer may come later
  }

  part("chosen").querySelector("button").addEventListener("click", () => {
    part("chosen").hidden = true;
    part("search").hidden = false;
    text.value = "";
    text.focus();
  });
  text.addEventListener("input", () => {
    chosenId.value = "";
    chosenLabel = "";
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter") event.preventDefault();
  });
  form.addEventListener("formdata", (event) => event.formData.set("location", chosenLabel || text.value));
  show();
}
