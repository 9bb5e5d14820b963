// Photos go to the server as soon as they are chosen, each on its own; the form keeps the addresses it gets back.
// A photo that is still on its way when the form is sent is not part of the ad.
import { byId, say } from "./page.js";

const FAILED = say("The photo could not be uploaded. Please add it again.");

/** @param {HTMLFormElement} form */
export function connectPhotos(form) {
  const input = byId("FileUploadInput");
  const list = byId("MediaUploadedImages");
  const message = form.querySelector(".field-message[data-client]");
  const most = Number(list.dataset.most);

  function complain(text) {
    message.textContent = text;
    message.hidden = !text;
    message.classList.toggle("error", Boolean(text));
  }

  function padWithPlaceholders() {
    const missing = most - list.children.length;
    for (let i = 0; i < missing; i += 1) {
      const placeholder = document.createElement("li");
      placeholder.className = "pic-placeholder";
      list.append(placeholder);
    }
  }

  function drop(item) {
    item.remove();
    padWithPlaceholders();
  }

  function finish(item, { thumbnailUrl, normalUrl }) {
    const image = document.createElement("img");
    image.src = thumbnailUrl;
    image.alt = "";
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", say("Remove photo"));
    item.append(image, remove);
    item.dataset.normalUrl = normalUrl;
    item.classList.remove("uploading");
  }

  async function upload(file, item) {
    const body = new FormData();
    body.append("file", file);
    try {
      const answer = await fetch("/p-upload-image.html", { method: "POST", body });
      const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
      if (answer.ok && isJson) {
        finish(item, await answer.json());
        return;
      }
      drop(item);
      complain(`${file.name}: ${isJson ? (await answer.json()).error : FAILED}`);
    } catch {
      drop(item); // the connection was lost
      complain(`${file.name}: ${FAILED}`);
    }
  }

  input.addEventListener("change", () => {
    complain("");
    for (const file of input.files) {
      const place = list.querySelector("li.pic-placeholder");
      if (!place) {
        complain(say("An ad can have at most {most} photos.", { most }));
        break;
      }
      place.className = "uploading thumbnail";
      upload(file, place);
    }
    input.value = "";
  });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) drop(button.closest("li"));
  });

  form.addEventListener("formdata", (event) => {
    const done = [...list.querySelectorAll("li.thumbnail:not(.uploading)")];
    event.formData.set("images", done.map((item) => item.dataset.normalUrl).join(","));
  });
}
