// How far the uploads are.
const photosSeen = (listCandidates, errorCandidates) => {
  const [list] = located(listCandidates);
  const items = list ? [...list.querySelectorAll("li.thumbnail")] : [];
  return {
    list: Boolean(list),
    uploading: list ? list.querySelectorAll("li.uploading").length : 0,
    done: items.filter((li) => !li.classList.contains("uploading") && !li.classList.contains("pic-placeholder")).length,
    error: located(errorCandidates).map(textOf).join(" "),
  };
};
