// What a person would notice on the page.
const pageState = ([errorCandidates, captchaCandidates, limitCandidates]) => {
  const frames = located(captchaCandidates).filter((el) => {
    const box = el.getBoundingClientRect();
    // the badge and the invisible kind ask nothing of the person
    return !el.closest(".grecaptcha-badge") && !/size=invisible/.test(el.src || "") && box.width > 40 && box.height > 40;
  });
  const errors = located(errorCandidates).map((el) => {
    const id = el.dataset.for || "";
    const control = id ? document.getElementById(id) || document.getElementsByName(id)[0] : null;
    return { field: id, label: control ? labelOf(control) : "", text: textOf(el) };
  });
  const [navigation] = performance.getEntriesByType("navigation");
  return {
    url: location.href,
    ready: document.readyState,
    status: (navigation && navigation.responseStatus) || 0,
    text: (document.body ? document.body.innerText : "").slice(0, 40000),
    captcha: frames.length > 0,
    limit: located(limitCandidates).map(textOf).join(" "),
    errors,
    marked: window.xlkijijiMark || "",
  };
};
