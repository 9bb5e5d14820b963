// A list that depends on another one (the model on the make) is empty and grey until that one is chosen. Its choices then
// come from the server, after a while; a new make takes them away again, with what was chosen among them.

import { say } from "./page.js";

/** @param {HTMLFormElement} form @param {import("./form_state.js").FormState} state */
export function connectModels(form, state) {
  for (const list of form.querySelectorAll("select[data-depends-on]")) {
    const [select] = list.options;
    let asked = 0;

    async function offer(make) {
      asked += 1;
      const mine = asked;
      list.disabled = true;
      select.textContent = make ? say("Select") : say("Select a make first");
      list.replaceChildren(select);
      state.changed(list);
      if (!make) return;
      const query = new URLSearchParams({ attribute: list.dataset.attribute, make });
      const answer = await fetch(`/p-models.json?${query}`).catch(() => null); // the connection was lost
      const models = answer?.ok ? await answer.json() : [];
      if (mine !== asked) return; // an earlier make's answer came later
      list.append(...models.map(({ value, label }) => new Option(label, value)));
      list.disabled = models.length === 0;
    }

    state.onChange((name) => {
      if (name === list.dataset.dependsOn) offer(state.get(name));
    });
  }
}
