// arguments: the path of a page that only somebody signed in may see; callback. Whether the site leads away from it or
// refuses it; asked beside the page that is open, which stays as it is.
const [path, done] = arguments;
fetch(path, { redirect: "manual", credentials: "same-origin", cache: "no-store" }).then(
  (answer) => done(answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403),
  () => done(false),
);
