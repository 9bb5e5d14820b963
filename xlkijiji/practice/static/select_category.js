// The title and category step: a title first, then one suggestion, then the tree of all categories.
import { byId, idOf } from "./page.js";

const { build } = document.documentElement.dataset;
const title = byId("AdTitleForm");
const next = document.querySelector(`button[aria-controls="${idOf("CategorySuggestion")}"]`);
const section = byId("CategorySuggestion");
const tree = JSON.parse(byId("CategoryTree").textContent);
const levels = section.querySelector("[data-part=tree]");

function open(categoryId) {
  const query = new URLSearchParams({ categoryId, adTitle: title.value.trim() });
  location.assign(`/p-post-ad.html?${query}`);
}

function nameTag(words) {
  const name = document.createElement("span");
  name.className = `categoryName-${build}`;
  name.textContent = words;
  return name;
}

function showLevel(names, depth) {
  while (levels.children.length > depth) levels.lastElementChild.remove();
  const list = document.createElement("ul");
  list.className = `categoryLevel-${build}`;
  for (const [name, below] of Object.entries(names)) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(nameTag(name));
    if (typeof below === "number") {
      button.addEventListener("click", () => open(below));
    } else {
      button.append("›");
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => {
        for (const other of list.querySelectorAll("button[aria-expanded]")) other.setAttribute("aria-expanded", "false");
        button.setAttribute("aria-expanded", "true");
        showLevel(below, depth + 1);
      });
    }
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  levels.append(list);
}

async function suggest() {
  const answer = await fetch(`/p-suggest-category.json?title=${encodeURIComponent(title.value)}`);
  const category = await answer.json();
  const button = document.createElement("button");
  button.type = "button";
  button.className = `suggested-${build}`;
  button.append(nameTag(category.path.join(" › ")));
  button.addEventListener("click", () => open(category.id));
  section.querySelector("[data-part=suggestion]").replaceChildren(button);
  showLevel(tree, 0);
  section.hidden = false;
}

title.addEventListener("input", () => {
  next.disabled = title.value.trim().length < Number(title.dataset.shortest);
});
title.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  next.click();
});
next.addEventListener("click", suggest);
