// arguments: candidates. What the browser says to the first one that it can't read; empty when it can read all.
for (const { css, text, label } of arguments[0]) {
  try {
    document.createDocumentFragment().querySelector(css);
    new RegExp(text, "i");
    new RegExp(label, "i");
  } catch (error) {
    return error.message;
  }
}
return "";
