import uPlot from "./uplot.js";
import { dateText, formatValue, timeText } from "./preview-units.js";
import { element, moodClass } from "./preview-panels.js";
import { rangeOf, stepsOf } from "./preview-scale.js";

const LIGHT = [
  "#2563c9",
  "#b4540a",
  "#0e7c66",
  "#8b3fb8",
  "#a3255a",
  "#5d6b00",
  "#0e7490",
  "#7a5230",
  "#475569",
  "#4f46e5",
];
const DARK = [
  "#6ea8ff",
  "#ffa657",
  "#4fd1b5",
  "#d2a8ff",
  "#ff8fb8",
  "#c6d44a",
  "#56d4e8",
  "#d8b08c",
  "#a8b3c4",
  "#a5a0ff",
];
const WORST = ["none", "ok", "info", "warning", "critical"];
const DAY = 86_400;

const dark = matchMedia("(prefers-color-scheme: dark)");
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const moodColor = (mood) =>
  mood === "critical"
    ? style("--bad")
    : mood === "warning"
      ? style("--wait")
      : mood === "info"
        ? "#3b82f6"
        : style("--ok");

/** Draws series over time, with the thresholds of their alerts, and a legend with the newest values. */
export function drawChart(body, panel, answer) {
  const colors = dark.matches ? DARK : LIGHT;
  const series = answer.series.map((one, i) => ({ ...one, color: colors[i % colors.length] }));
  const plot = element("div", { class: "plot", "aria-hidden": "true" });
  const { legend, show } = legendOf(panel.unit, series);
  body.replaceChildren(plot, legend);
  const size = () => ({ width: Math.max(120, plot.clientWidth), height: Math.max(80, plot.clientHeight) });
  const chart = new uPlot(
    {
      ...size(),
      ...optionsOf(panel, series, answer),
      hooks: { draw: [thresholds(panel)], setCursor: [showAt(show, answer)] },
    },
    [answer.times, ...series.map(({ values }) => values)],
    plot,
  );
  const resized = new ResizeObserver(() => chart.setSize(size()));
  resized.observe(plot);
  return () => {
    resized.disconnect();
    chart.destroy();
  };
}

const showAt =
  (show, { times }) =>
  (chart) => {
    const { idx } = chart.cursor;
    show(idx ?? null, idx === null || idx === undefined ? "" : dateText(times[idx] * 1_000));
  };

function optionsOf({ unit, levels }, series, { times }) {
  const line = dark.matches ? "#ffffff1c" : "#00000014";
  const axis = {
    stroke: style("--soft"),
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: "11px system-ui",
  };
  const isLong = times.at(-1) - times[0] > 2 * DAY;
  const write = isLong ? (at) => dateText(at * 1_000).slice(5) : (at) => timeText(at * 1_000);
  return {
    legend: { show: false },
    cursor: { sync: { key: "dashboard" }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
    scales: { y: { range: (_, least, greatest) => rangeOf(unit, levels, least, greatest) } },
    axes: [
      { ...axis, size: 30, space: isLong ? 90 : 60, values: (_, at) => at.map(write) },
      {
        ...axis,
        size: 68,
        incrs: stepsOf(unit),
        values: (_, values) => values.map((value) => formatValue(unit, value)),
      },
    ],
    series: [
      {},
      ...series.map(({ name, color }) => ({
        label: name,
        stroke: color,
        width: 1.75,
        spanGaps: false,
        points: { show: isAlone },
      })),
    ],
  };
}

/** A point that has no neighbour would not be seen as a line. */
function isAlone(chart, index) {
  return chart.data[index].filter((value) => value !== null).length < 3;
}

/** A line where an alert's mood changes, in the colour of what is worse. */
const thresholds =
  ({ levels }) =>
  (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px system-ui`;
    for (const [i, { from, severity }] of levels.entries()) {
      const { min, max } = chart.scales.y;
      if (i === 0 || from === null || from < min || from > max) continue;
      const before = levels[i - 1].severity;
      const isBelow = WORST.indexOf(before) > WORST.indexOf(severity);
      const worse = isBelow ? before : severity;
      const y = chart.valToPos(from, "y", true);
      ctx.strokeStyle = ctx.fillStyle = moodColor(worse);
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.lineWidth = devicePixelRatio;
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.textAlign = "right";
      ctx.fillText(
        `${worse} ${isBelow ? "below" : "from here on"}`,
        // beside one another, because thresholds may be so near that their texts would touch
        bbox.left + bbox.width - 4 - (i - 1) * 110 * devicePixelRatio,
        y + (isBelow ? 13 : -4) * devicePixelRatio,
      );
    }
    ctx.restore();
  };

/** Names and values; those that are worst stand first. */
function legendOf(unit, series) {
  const rows = series.map((one) => {
    const value = element("td", { class: `number ${moodClass(one.mood)}` }, formatValue(unit, one.last));
    const name = one.href === undefined ? one.name : element("a", { href: one.href }, one.name);
    return { one, value, row: element("tr", {}, element("th", { scope: "row" }, swatch(one.color), name), value) };
  });
  const sorted = rows.toSorted((a, b) => WORST.indexOf(b.one.mood) - WORST.indexOf(a.one.mood));
  const when = element("caption", { class: "soft" }, "now");
  const table = element("table", {}, when, element("tbody", {}, ...sorted.map(({ row }) => row)));
  // it scrolls, so that the keyboard must reach it
  const legend = element("div", { class: "legend", tabindex: series.length > 4 ? "0" : "-1" }, table);
  const show = (index, text) => {
    when.textContent = text === "" ? "now" : text;
    for (const { one, value } of rows)
      value.textContent = formatValue(unit, index === null ? one.last : one.values[index]);
  };
  return { legend, show };
}

const swatch = (color) => element("i", { class: "swatch", style: `background: ${color}`, "aria-hidden": "true" });
