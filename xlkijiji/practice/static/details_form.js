// The details form: what it does between being opened and being sent.
import { FormState } from "./form_state.js";
import { connectLocation } from "./location.js";
import { connectModels } from "./models.js";
import { byId, say } from "./page.js";
import { connectPhotos } from "./photos.js";
import { connectTags } from "./tags.js";

const form = byId("PostAdMainForm");
const state = new FormState(form, (name) => name.startsWith("postAdForm.") || name.startsWith("featuresForm."));

/** The amount can be filled in only when the price is a fixed one. */
function connectPrice() {
  const amount = byId("PriceAmount");
  if (!amount) return;
  const update = () => { amount.disabled = state.get("postAdForm.priceType") !== "FIXED"; };
  state.onChange(update);
  update();
}

/** Labels of radio groups say for=<name>-<value>, while the buttons have other ids; the script ties them together. */
function connectGroupLabels() {
  for (const label of form.querySelectorAll("label[for]")) {
    const field = label.parentElement.querySelector("input[type=radio]");
    if (field && label.htmlFor !== field.id) label.addEventListener("click", () => field.click());
  }
}

function connectPackagesAndTotal() {
  const shown = byId("TotalPrice");
  const chosen = form.elements.namedItem("featuresForm.package");
  const buttons = [...form.querySelectorAll("button[data-package]")];
  const update = () => {
    let cents = Number(form.dataset.feeCents);
    for (const button of buttons) {
      const selected = button.dataset.package === chosen.value;
      button.setAttribute("aria-pressed", String(selected));
      button.textContent = selected ? say("Selected") : say("Select");
      if (selected) cents += Number(button.dataset.cents);
    }
    for (const feature of form.querySelectorAll("input[type=checkbox][data-cents]")) {
      if (state.get(feature.name)) cents += Number(feature.dataset.cents);
    }
    if (shown) shown.textContent = (cents / 100).toLocaleString(document.documentElement.lang, { style: "currency", currency: "CAD" });
  };
  for (const button of buttons) {
    button.addEventListener("click", () => { chosen.value = button.dataset.package; update(); });
  }
  state.onChange(update);
  update();
}

/** What the server said about a field goes away once the field is changed. */
function connectMessages() {
  const clear = (event) => {
    if (event.target.closest("button[type=submit]")) return;
    const place = event.target.closest("[class^=field-]") ?? event.target.closest("section");
    for (const message of place.querySelectorAll(".field-message.error:not([data-client])")) message.remove();
  };
  form.addEventListener("input", clear);
  for (const button of form.querySelectorAll("button")) button.addEventListener("click", clear);
  byId("LocationSelector-menu")?.addEventListener("click", clear, { capture: true });
}

connectPrice();
connectModels(form, state);
connectGroupLabels();
connectPackagesAndTotal();
connectTags(form);
connectPhotos(form);
if (byId("LocationField")) connectLocation(form);
connectMessages();
form.querySelector(".field-message.error")?.scrollIntoView({ block: "center" });
