import { dateText, formatValue, moreOf } from "./preview-units.js";

const WORST = ["none", "ok", "info", "warning", "critical"];
const byMood = (a, b) => WORST.indexOf(b.mood) - WORST.indexOf(a.mood);

/** Makes an element; texts are never read as HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** The class of how bad something is. */
export const moodClass = (mood) => `mood-${mood}`;

/** The worst of many. */
export const worstOf = (moods) =>
  moods.reduce((worst, mood) => (WORST.indexOf(mood) > WORST.indexOf(worst) ? mood : worst), "none");

/** Says a mood in a word as well, since not everybody sees its colour. */
const wordOf = (mood) =>
  mood === "critical" || mood === "warning" ? element("span", { class: "word" }, mood) : undefined;

const linked = ({ href }, ...children) =>
  href === undefined ? element("span", {}, ...children) : element("a", { href }, ...children);

/** One number each, as large as there is place for. */
export function drawStat(body, { unit, queries }, { series }) {
  const infos = new Set(queries.filter(({ isInfo }) => isInfo).map(({ refId }) => refId));
  const list = element("div", { class: `stats ${series.length > 1 ? "several" : "one"}` });
  for (const one of series.toSorted(byMood)) {
    const isInfo = infos.has(one.refId);
    const value = isInfo ? one.name : formatValue(unit, one.last);
    const name = isInfo || (series.length === 1 && Object.keys(one.labels).length === 0) ? undefined : one.name;
    const tile = element("div", { class: `stat ${moodClass(one.mood)}` });
    tile.append(linked(one, element("strong", {}, value)));
    for (const text of [moreOf(unit, one.last), name]) if (text) tile.append(element("span", { class: "name" }, text));
    tile.append(wordOf(one.mood) ?? "");
    list.append(tile);
  }
  body.replaceChildren(list);
}

/** A bar each, the worst first. */
export function drawBars(body, { unit }, { series }) {
  const most = unit === "ratio" ? 1 : Math.max(...series.map(({ last }) => Math.abs(last ?? 0)), Number.MIN_VALUE);
  const rows = series
    .toSorted((a, b) => byMood(a, b) || (b.last ?? 0) - (a.last ?? 0))
    .map((one) => {
      const share = Math.min(1, Math.abs(one.last ?? 0) / most);
      const bar = element(
        "span",
        { class: "bar-track", "aria-hidden": "true" },
        element("i", { style: `width: ${(share * 100).toFixed(1)}%` }),
      );
      return element(
        "tr",
        { class: moodClass(one.mood) },
        element("th", { scope: "row" }, linked(one, one.name)),
        element("td", { class: "track" }, bar),
        element("td", { class: "number" }, formatValue(unit, one.last), wordOf(one.mood)),
      );
    });
  body.replaceChildren(scrolling(element("table", { class: "bars" }, element("tbody", {}, ...rows))));
}

/** A row for each set of labels, the worst first; the values of all queries beside one another. */
export function drawTable(body, { queries }, { series }) {
  const labels = [...new Set(queries.flatMap((query) => query.labels))].filter((label) =>
    series.some((one) => one.labels[label]),
  );
  const values = queries.filter(({ isInfo }) => !isInfo);
  const rows = rowsOf(series, queries);
  const telling = tellingOf(rows, labels);
  const head = element(
    "tr",
    {},
    ...labels.map((label) => element("th", { scope: "col" }, titled(label))),
    ...values.map(({ title }) => element("th", { scope: "col", class: "number" }, title)),
  );
  const lines = rows.toSorted(byMood).map((row) => {
    const named = labels.map((label) => {
      const text = row.labels[label] ?? "";
      return element("td", { "data-name": titled(label) }, label === telling ? linked(row, text) : text);
    });
    const numbers = values.map(({ refId, title, unit }) => {
      const { last: value, mood = "none" } = row.values[refId] ?? {};
      const more = value === undefined ? "" : moreOf(unit, value);
      const cell = element("td", { class: `number ${moodClass(mood)}`, "data-name": title });
      if (value !== undefined) cell.append(formatValue(unit, value));
      if (more !== "") cell.append(element("span", { class: "soft" }, ` ${more}`));
      cell.append(wordOf(mood) ?? "");
      return cell;
    });
    return element("tr", {}, ...named, ...numbers);
  });
  body.replaceChildren(scrolling(element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines))));
}

function titled(label) {
  const words = label.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The label by which most rows differ: it has the link, and is their name. */
export function tellingOf(rows, labels) {
  const count = (label) => new Set(rows.map((row) => row.labels[label])).size;
  return labels.reduce((best, label) => (count(label) > count(best) ? label : best), labels[0]);
}

/** Series of later queries go to the rows whose labels they share, else to rows of their own. */
function rowsOf(series, queries) {
  const rows = [];
  const shared = queries
    .map(({ labels }) => labels)
    .reduce((some, labels) => some.filter((label) => labels.includes(label)), queries[0].labels);
  for (const one of series) {
    const isSame = (row) =>
      shared.every((label) => row.labels[label] === one.labels[label]) && row.values[one.refId] === undefined;
    const same = rows.filter((row) => row.refId !== one.refId && isSame(row));
    for (const row of same) {
      row.values[one.refId] = one;
      row.mood = worstOf([row.mood, one.mood]);
      row.labels = { ...one.labels, ...row.labels };
    }
    if (same.length === 0) rows.push({ ...one, values: { [one.refId]: one } });
  }
  return rows;
}

/** What was when, as strips. */
export function drawStates(body, { unit }, { series, times }) {
  const rows = series.toSorted(byMood).map((one) => {
    const strip = element("span", { class: "strip" });
    for (const run of runsOf(one)) {
      const text = run.value === null ? "nothing known" : formatValue(unit, run.value);
      const title = `${text} from ${dateText(times[run.from] * 1_000)} to ${dateText(times[run.to] * 1_000)}`;
      const look = run.value === null ? "gap" : run.mood === "none" && run.value === 0 ? "off" : moodClass(run.mood);
      strip.append(element("i", { class: look, title, style: `flex: ${run.to - run.from + 1}` }));
    }
    const now = element(
      "td",
      { class: `number ${moodClass(one.mood)}` },
      formatValue(unit, one.last),
      wordOf(one.mood),
    );
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, linked(one, one.name)),
      element("td", { class: "track" }, strip),
      now,
    );
  });
  body.replaceChildren(scrolling(element("table", { class: "bars" }, element("tbody", {}, ...rows))));
}

function runsOf({ values, moods }) {
  const runs = [];
  for (const [i, value] of values.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.value === value) last.to = i;
    else runs.push({ from: i, to: i, value, mood: moods[i] });
  }
  return runs;
}

// it scrolls, so that the keyboard must reach it
const scrolling = (table) => element("div", { class: "scrolling", tabindex: "0" }, table);

/** Says why there is nothing to see. */
export function drawNothing(body, { emptyWhen }) {
  body.replaceChildren(
    element("p", { class: emptyWhen === null ? "nothing wait" : "nothing soft" }, "No series."),
    element(
      "p",
      { class: "soft" },
      emptyWhen === null ? "Prometheus has none that this panel asks for." : `Why it may be empty: ${emptyWhen}`,
    ),
  );
}

/** Says what went wrong. */
export function drawError(body, message) {
  body.replaceChildren(element("p", { class: "nothing bad" }, message));
}
