// arguments: milliseconds of quiet, milliseconds at most, callback. Calls back when the page has stopped changing. Where
// enter.js has begun to watch it, the time since its last change counts.
const [quiet, most, done] = arguments;
let timer = 0;
const finish = () => { observer.disconnect(); clearTimeout(timer); clearTimeout(limit); done(true); };
const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(finish, quiet); });
const limit = setTimeout(finish, most);
observer.observe(document, { childList: true, subtree: true, characterData: true });
const watched = window.xlkijijiWatch ? performance.now() - window.xlkijijiWatch.changed : 0;
timer = setTimeout(finish, Math.max(0, quiet - watched));
