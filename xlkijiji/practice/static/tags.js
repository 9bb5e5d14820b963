// Tags are added by Enter, a comma or the button; text that is only typed is no tag.
import { byId, say } from "./page.js";

const MOST = 5;

/** @param {HTMLFormElement} form */
export function connectTags(form) {
  const input = byId("pstad-tagsInput");
  const list = byId("TagList");
  const hidden = form.elements.namedItem("postAdForm.tags");
  let tags = hidden.value.split(",").filter(Boolean);

  function show() {
    hidden.value = tags.join(",");
    list.replaceChildren(...tags.map((tag) => {
      const item = document.createElement("li");
      item.textContent = tag;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", say("Remove {tag}", { tag }));
      remove.addEventListener("click", () => { tags = tags.filter((other) => other !== tag); show(); });
      item.append(remove);
      return item;
    }));
    input.disabled = tags.length >= MOST;
  }

  function add() {
    for (const tag of input.value.split(",").map((part) => part.trim())) {
      if (tag && tags.length < MOST && !tags.includes(tag)) tags.push(tag);
    }
    input.value = "";
    show();
  }

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== ",") return;
    event.preventDefault();
    add();
  });
  input.parentElement.querySelector("button").addEventListener("click", add);
  show();
}
