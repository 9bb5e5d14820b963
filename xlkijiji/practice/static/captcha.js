// Waits until the check is done, in the frame on this page or in another browser, and goes on.

const PAUSE = 500; // milliseconds between two looks

async function look(box) {
  let isDone = false;
  try {
    const answer = await fetch(`/p-captcha.json?check=${box.dataset.captcha}`);
    isDone = answer.ok && (await answer.json()).done;
  } catch {
    isDone = false; // the site does not answer just now; it is asked again
  }
  if (!isDone) setTimeout(() => look(box), PAUSE);
  else if (box.dataset.place === "form") box.remove();
  else location.reload();
}

for (const box of document.querySelectorAll("[data-captcha]")) look(box);
