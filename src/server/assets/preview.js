import { drawChart } from "./preview-chart.js";
import { ask, Controls } from "./preview-controls.js";
import {
  drawBars,
  drawError,
  drawNothing,
  drawStat,
  drawStates,
  drawTable,
  element,
  moodClass,
  tellingOf,
  worstOf,
} from "./preview-panels.js";
import { Rounds } from "./preview-rounds.js";
import { timeText } from "./preview-units.js";

const AT_A_TIME = 4;
const MOST_NAMED = 3;
const MOST_LINKED = 12;
const DRAW = {
  timeseries: drawChart,
  stat: drawStat,
  bargauge: drawBars,
  table: drawTable,
  "state-timeline": drawStates,
};

const page = document.querySelector("main.dashboard");
const controls = new Controls(document.getElementById("controls"), page.dataset.uid);
/** What is known of each panel: how bad it is, whether it could be asked, how to undo its drawing. */
const known = new Map();
const rounds = new Rounds(AT_A_TIME, show);
let query = controls.query();
let loads = 0;
let timer;

const all = () => [...page.querySelectorAll(".body[data-panel]")];
const isOpen = (body) => body.closest(".row").open;
/** Panels that were asked before are asked again though their row is closed now: what is known of them is told. */
const asked = new Set();
const isWanted = (body) => isOpen(body) || asked.has(body);

/** Asks for panels; an older round gives way to a newer one. Answers whether this one did not. */
async function load(which = all().filter(isWanted)) {
  query = controls.query();
  for (const body of which) asked.add(body);
  if (!(await rounds.start(which))) return false;
  sayVerdict();
  document.getElementById("asked-at").textContent = `Asked at ${timeText(Date.now())}, times by your clock`;
  loads += 1;
  page.dataset.loaded = String(loads);
  return true;
}

async function show(body, isNewest) {
  const panel = JSON.parse(body.dataset.panel);
  body.setAttribute("aria-busy", "true");
  const answer = await ask(`/api/v1/dashboards/${page.dataset.uid}/panels/${panel.id}?${query}`);
  if (!isNewest()) return;
  known.get(body)?.undo?.();
  const mood = answer.error === undefined ? worstOf(answer.series.map((one) => one.mood)) : "none";
  const bad = named(panel, answer.series ?? []).filter((one) => one.mood === mood);
  known.set(body, { body, mood, bad, failed: answer.error !== undefined, undo: draw(body, panel, answer) });
  body.closest(".panel").dataset.mood = mood;
  body.removeAttribute("aria-busy");
}

function draw(body, panel, answer) {
  if (answer.error !== undefined) return drawError(body, answer.error);
  // an infinite value is judged, though it can not be drawn
  const seen = answer.series.filter(({ values, mood }) => mood !== "none" || values.some((value) => value !== null));
  if (seen.length === 0) return drawNothing(body, panel);
  const undo = DRAW[panel.view](body, panel, { ...answer, series: seen.map(withTimes) });
  for (const note of answer.notes) body.append(element("p", { class: "note wait" }, note));
  return undo;
}

/** In a table, where all labels have columns, a row is called by the most telling one. */
function named({ view, queries }, series) {
  if (view !== "table") return series;
  const labels = [...new Set(queries.flatMap((query) => query.labels))];
  const telling = tellingOf(series, labels);
  return series.map((one) => ({ ...one, name: one.labels[telling] ?? one.name }));
}

/** A link leads to the same length of time. */
const withTimes = (one) =>
  one.href === undefined
    ? one
    : { ...one, href: `${one.href}${one.href.includes("?") ? "&" : "?"}${controls.times()}` };

/** What is wrong, above all panels: a tired person should not have to look for it. */
function sayVerdict() {
  // in the order of the page, whichever was answered first
  const told = all().flatMap((body) => known.get(body) ?? []);
  const parts = ["critical", "warning"].flatMap((mood) => {
    const those = told.filter((one) => one.mood === mood);
    return those.length === 0 ? [] : [line(mood, `${mood === "critical" ? "Critical" : "Warning"}: `, those)];
  });
  const failed = told.filter((one) => one.failed);
  if (failed.length > 0) parts.push(line("critical", "Could not be asked: ", failed));
  const isJudged = told.some((one) => one.mood === "ok" || one.mood === "info");
  const rest = all().length > told.length ? " Rows that are closed were not asked." : "";
  if (parts.length === 0 && isJudged)
    parts.push(element("p", { class: "banner ok" }, `No value is beyond a threshold of its alerts.${rest}`));
  document.getElementById("verdict").replaceChildren(...parts);
}

function line(mood, text, those) {
  const links = those.slice(0, MOST_LINKED).flatMap(({ body, bad }, i) => {
    const panel = body.closest(".panel");
    const link = element("a", { href: `#${panel.id}`, class: "plain" }, panel.querySelector("h3").textContent);
    const which = text.startsWith("Could") ? "" : namesOf(bad);
    return i === 0 ? [link, which] : ["; ", link, which];
  });
  const more = those.length > MOST_LINKED ? [`; and ${those.length - MOST_LINKED} more`] : [];
  return element("p", { class: `banner ${moodClass(mood)}` }, element("strong", {}, text), ...links, ...more);
}

/** Which of a panel's series are meant, when it has several. */
function namesOf(bad) {
  const named = bad.filter(({ labels }) => Object.keys(labels).length > 0).map(({ name }) => name);
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : "";
  return named.length === 0 ? "" : ` (${named.slice(0, MOST_NAMED).join(", ")}${more})`;
}

async function begin() {
  const faults = await controls.fill();
  if (!(await load())) return;
  for (const fault of faults.slice(0, 1))
    document.getElementById("verdict").prepend(element("p", { class: "banner bad" }, fault));
}

function schedule() {
  clearInterval(timer);
  if (controls.refresh > 0)
    timer = setInterval(() => document.hidden || rounds.isRunning || void load(), controls.refresh * 1_000);
}

document.getElementById("controls").addEventListener("change", () => {
  controls.remember();
  schedule();
  void begin();
});
document.getElementById("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  void begin();
});
for (const row of page.querySelectorAll(".row"))
  row.addEventListener("toggle", () => {
    // a row that is open from the start says so, too
    const unseen = [...row.querySelectorAll(".body[data-panel]")].filter((body) => !asked.has(body));
    // the first round takes all that are open then
    const hasBegun = rounds.isRunning || page.dataset.loaded !== undefined;
    if (!row.open || unseen.length === 0 || !hasBegun) return;
    if (!rounds.isRunning) return void load(unseen);
    for (const body of unseen) asked.add(body);
    rounds.add(unseen);
  });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void load());
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") for (const help of page.querySelectorAll(".help[open]")) help.open = false;
});
schedule();
void begin();
