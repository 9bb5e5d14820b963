// needs: _page
// arguments: candidates of the title, seconds without a word of ours after which the page is left, seconds that the
// person still has; candidates for _page.js. What is to be seen while a person is to press the button; and a page with
// the form leaves itself when nobody waits for the press any more: the run may have been killed, and must not be
// surprised by an ad. It counts seconds in which the page ran, so a computer that slept takes nothing from the person;
// where a browser lets a hidden page run once a minute only, two of those are enough.
const [title] = located(arguments[0]);
if (title && !window.xlkijijiDraft) {
  const draft = (window.xlkijijiDraft = {});
  const leave = () => location.replace("about:blank");
  setInterval(() => {
    const forgotten = ++draft.silent > 1 && Date.now() - draft.heard > 10000 * draft.patience;
    if (draft.silent > draft.patience || --draft.left < 0 || forgotten) leave();
  }, 1000);
  // back again by the browser's Back button, as it was
  addEventListener("pageshow", (event) => event.persisted && leave());
}
if (title) {
  const [patience, left] = [arguments[1], arguments[2]];
  Object.assign(window.xlkijijiDraft, { silent: 0, heard: Date.now(), patience, left });
}
const [navigation] = performance.getEntriesByType("navigation");
return {
  title: title ? String(title.value) : "",
  redirected: Boolean(navigation && navigation.redirectCount),
  state: pageState(arguments[3]),
};
