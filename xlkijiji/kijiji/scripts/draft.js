// needs: _page
// arguments: candidates of the title, seconds without a word of ours after which the page is left, seconds that the
// person still has; candidates for _page.js. What is to be seen while a person is to press the button; and a page with
// the form leaves itself when nobody waits for the press any more: the run may have been killed, and must not be
// surprised by an ad. It counts seconds in which the page ran, so a computer that slept takes nothing from the person.
const [title] = located(arguments[0]);
if (title && !window.xlkijijiDraft) {
  const draft = (window.xlkijijiDraft = { silent: 0, left: 0 });
  const leave = () => location.replace("about:blank");
  setInterval(() => {
    if (++draft.silent > draft.patience || --draft.left < 0) leave();
  }, 1000);
  // back again by the browser's Back button, as it was
  addEventListener("pageshow", (event) => event.persisted && leave());
}
if (title) Object.assign(window.xlkijijiDraft, { silent: 0, patience: arguments[1], left: arguments[2] });
const [navigation] = performance.getEntriesByType("navigation");
return {
  title: title ? String(title.value) : "",
  redirected: Boolean(navigation && navigation.redirectCount),
  state: pageState(arguments[3]),
};
