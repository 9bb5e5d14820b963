// needs: _fill, _tags, _type, _nearest, _free
// arguments: fields as in _fill.js; tags {candidates, wanted}; location {field, value, change, words, option: candidates,
// wanted} or null; free {extras, terms: candidates, package: the button of the free one, or null}; callback. Enters all
// of it, as far as it goes without a doubt, and calls back with {fields: as _fill.js says, tags: {tag: [before, now] of
// how often it's on the form}, location: {text, value} or null, terms: accepted (or there are none), package: chosen}.
// What it leaves, or what doesn't show, is for the slower steps that a person would take.
const [fields, tags, location, free, done] = arguments;
const TAG_MS = 200;
const SUGGESTION_MS = 1500;
const CLOSED_MS = 800;

// on a short leash, and without a pause where the page answers at once
const until = async (condition, milliseconds) => {
  const end = performance.now() + milliseconds;
  for (;;) {
    const got = condition();
    if (got || performance.now() > end) return got;
    await new Promise((resume) => setTimeout(resume, 10));
  }
};
const press = (el) => {
  for (const name of ["mousedown", "mouseup"]) el.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true }));
  el.click();
};

const enterTags = async () => {
  const counts = {};
  for (const tag of tags.wanted) {
    const [input] = controlsOf(tags.candidates);
    if (!input || input.disabled || input.readOnly) break;
    const before = tagSeen(input, tag);
    if ((before.held || before.near) && key(before.left) !== key(tag)) continue;
    typeInto(input, tag);
    const comma = { bubbles: true, cancelable: true, key: ",", code: "Comma" };
    if (input.dispatchEvent(new KeyboardEvent("keydown", comma))) typeInto(input, `${tag},`);
    const count = ({ held, seen }) => held + seen;
    const added = () => {
      const now = tagSeen(controlsOf(tags.candidates)[0] || input, tag);
      return key(now.left) !== key(tag) && count(now) > count(before) ? now : null;
    };
    if (!(await until(added, TAG_MS))) break;
    counts[tag] = count(before);
  }
  return counts;
};

const fits = (text) => {
  const words = location.wanted.split(/[\s,]+/).map(key).filter(Boolean);
  return words.every((word) => key(text).includes(word));
};
const enterLocation = async () => {
  const value = () => plain((located(location.value)[0] || {}).value);
  let [field] = controlsOf(location.field);
  if (!field || field.disabled || field.readOnly || value()) {
    const change = nearestTo(located(location.change), located(location.value)[0] || null, location.words);
    if (change) change.click();
  }
  field = await until(() => controlsOf(location.field)[0], CLOSED_MS);
  if (!field || field.disabled || field.readOnly) return null;
  field.focus();
  typeInto(field, location.wanted);
  const options = () => located(location.option);
  const best = () => {
    const shownNow = options();
    return shownNow.find((el) => key(textOf(el)) === key(location.wanted)) || shownNow.find((el) => fits(textOf(el)));
  };
  const option = await until(best, SUGGESTION_MS);
  if (!option) return null;
  const text = textOf(option);
  press(option);
  if (!(await until(() => !options().length, CLOSED_MS))) return null;
  await until(() => value() || !controlsOf(location.field).length, CLOSED_MS);
  return { text, value: value() };
};

// from here on it's known how long the page has been at rest: see quiet.js
if (!window.xlkijijiWatch) {
  const watch = { changed: performance.now() };
  new MutationObserver(() => { watch.changed = performance.now(); })
    .observe(document, { childList: true, subtree: true, characterData: true });
  window.xlkijijiWatch = watch;
}

const enter = async () => {
  const package_ = takePackage(free.package);
  const terms = leaveFree(free.extras, free.terms);
  const answers = fillFields(fields);
  // the site thinks about the place meanwhile
  const place = location ? enterLocation() : null;
  return { fields: answers, tags: await enterTags(), location: await place, terms, package: package_ };
};
enter().then(done);
