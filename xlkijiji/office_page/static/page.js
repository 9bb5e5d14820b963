"use strict";
// Asks the server what changed, and shows it. All text goes in as text, never as HTML.

const say = document.body.dataset;
const find = (id) => document.getElementById(id);
const EVERY = 1500;
let ended = false;
let pressing = false;

const send = (path) => fetch(path, { method: "POST", headers: { "X-Xlkijiji": say.word } });

const line = (tag, text, className) => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const tellProblem = (text) => {
  find("problem").textContent = text;
  find("problem").hidden = !text;
};

const end = (text) => {
  ended = true;
  document.body.classList.add("left");
  const over = line("p", text);
  over.id = "over";
  document.body.prepend(over);
};

const shown = {};

// What is the same stays as it is: a link that somebody is about to click must not be another one.
const isNew = (name, value) => {
  const text = JSON.stringify(value);
  const differs = shown[name] !== text;
  shown[name] = text;
  return differs;
};

const showRuns = (runs) => {
  if (!isNew("runs", runs)) return;
  const items = runs.map((run) => {
    const item = document.createElement("li");
    const when = new Date(run.ended).toLocaleString(document.documentElement.lang + "-CA", { dateStyle: "medium", timeStyle: "short" });
    item.append(line("span", `${when} – ${run.book}`, "when"), line("span", `${run.message} `));
    const link = line("a", say.report);
    link.href = `run/${run.file}`;
    link.target = "_blank";
    item.append(link);
    return item;
  });
  find("runs").replaceChildren(...(items.length ? items : [line("li", say.idle)]));
};

const showSetup = (setup) => {
  if (!isNew("setup", setup)) return;
  find("check-setup").disabled = setup.running;
  find("findings").replaceChildren(
    ...setup.findings.map((one) => line("li", one.text, one.good ? "" : one.needed ? "missing" : "note")),
  );
  const noted = setup.findings.some((one) => !one.needed && !one.good);
  const unfit = setup.findings.some((one) => one.needed && !one.good);
  const over = setup.findings.length > 0 && !setup.running;
  find("setup-word").textContent = setup.running ? say.working : over ? (unfit ? say.unfit : noted ? say.noted : say.fit) : "";
};

let pressProblem = "";

const show = (state) => {
  const open = Boolean(state.book);
  find("book").textContent = open ? `${state.book} · ${state.sheet}` : "–";
  tellProblem(state.problem || pressProblem);
  for (const button of document.querySelectorAll("[data-job]")) {
    const job = button.dataset.job;
    // while Post All asks, it is the yes and Stop the no
    const asked = state.asking && (job === "all" || job === "stop");
    button.disabled = pressing || !open || (!asked && (job === "stop") !== state.running);
    button.classList.toggle("asked", Boolean(asked));
  }
  find("status").textContent = state.status;
  find("status").classList.toggle("question", state.asking);
  find("bar").hidden = !state.running || state.asking;
  if (state.percentage === null) find("bar").removeAttribute("value");
  else find("bar").value = state.percentage;
  find("practice").hidden = !state.practice;
  if (state.practice) find("practice").href = state.practice;
  showRuns(state.runs);
  showSetup(state.setup);
};

const ask = async () => {
  try {
    const answer = await fetch("state");
    if (answer.status === 403) return end(await answer.text());
    show(await answer.json());
  } catch {
    if (!ended) return end(say.lost);
  }
};

const again = async () => {
  await ask();
  if (!ended) setTimeout(again, EVERY);
};

find("buttons").addEventListener("click", async (event) => {
  const button = event.target.closest("[data-job]");
  if (!button) return;
  pressing = true;
  button.disabled = true;
  try {
    pressProblem = (await (await send(`press/${button.dataset.job}`)).json()).problem;
  } catch {
    pressProblem = say.lost;
  }
  pressing = false;
  await ask();
});

find("check-setup").addEventListener("click", async () => {
  find("check-setup").disabled = true;
  await send("check-setup");
  await ask();
});

find("quit").addEventListener("click", async () => {
  ended = true;
  try {
    await send("quit");
  } finally {
    end(say.left);
  }
});

again();
