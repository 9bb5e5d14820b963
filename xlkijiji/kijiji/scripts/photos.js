// arguments: list candidates, error candidates. How far the uploads are.
const [list] = located(arguments[0]);
const items = list ? [...list.querySelectorAll("li.thumbnail")] : [];
return {
  list: Boolean(list),
  uploading: list ? list.querySelectorAll("li.uploading").length : 0,
  done: items.filter((li) => !li.classList.contains("uploading") && !li.classList.contains("pic-placeholder")).length,
  error: located(arguments[1]).map(textOf).join(" "),
};
