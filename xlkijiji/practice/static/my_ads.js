// Deleting an ad: a dialog asks why, and stays until it is closed.
import { byId, say } from "./page.js";

const dialog = byId("DeleteDialog");
const pills = [...dialog.querySelectorAll("[data-testid=pill-option]")];
const confirm = dialog.querySelector("[data-testid=confirmDelete]");
const alert = dialog.querySelector("[role=alert]");
const step = (name) => dialog.querySelector(`[data-step=${name}]`);
let adId = "";
let reason = "";

function choose(pill) {
  reason = pill ? pill.value : "";
  for (const other of pills) other.setAttribute("aria-pressed", String(other === pill));
  confirm.disabled = !reason;
}

async function deleteAd() {
  confirm.disabled = true; // one click, one request
  const body = new URLSearchParams({ adId, reason, [dialog.dataset.xsrfName]: dialog.dataset.xsrf });
  const answer = await fetch("/m-delete-ad.html", { method: "POST", body });
  if (answer.ok) {
    step("ask").hidden = true;
    step("done").hidden = false;
    return;
  }
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  alert.textContent = isJson ? (await answer.json()).error : say("The ad could not be deleted. Please try again.");
  alert.hidden = false;
  confirm.disabled = false;
}

for (const button of document.querySelectorAll("[data-testid=adDeleteButton]")) {
  button.addEventListener("click", () => {
    adId = button.dataset.adId;
    choose(null);
    alert.hidden = true;
    dialog.showModal();
  });
}
for (const pill of pills) pill.addEventListener("click", () => choose(pill));
confirm.addEventListener("click", deleteAd);
dialog.querySelector("[data-testid=ModalCloseButton]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  if (!step("done").hidden) location.reload();
});
