// arguments: milliseconds of quiet, milliseconds at most, callback. Calls back when the page has stopped changing.
const [quiet, most, done] = arguments;
let timer = 0;
const finish = () => { observer.disconnect(); clearTimeout(timer); clearTimeout(limit); done(true); };
const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(finish, quiet); });
const limit = setTimeout(finish, most);
observer.observe(document, { childList: true, subtree: true, characterData: true });
timer = setTimeout(finish, quiet);
