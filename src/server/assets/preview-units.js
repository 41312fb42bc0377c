/** Numbers as people read them. Pure; the units are those of `Unit` in src/core/metric.ts. */

const TIMES = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const THOUSANDS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
];

/** Three digits or so. */
function digits(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : undefined;
  return places === undefined ? String(Number(value.toPrecision(2))) : String(Number(value.toFixed(places)));
}

function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  const [unit, name] = TIMES.find(([least]) => size >= least) ?? TIMES.at(-1);
  return `${digits(value / unit)} ${name}`;
}

function bytes(value) {
  const power = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(value) || 1) / 10)));
  return `${digits(value / 1024 ** power)} ${BYTES[power]}`;
}

function plain(value) {
  const [size, name] = THOUSANDS.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
  if (name !== "") return `${digits(value / size)} ${name}`;
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString("en") : digits(value);
}

const two = (number) => String(number).padStart(2, "0");

/** A moment by the reader's clock; `ms` in Unix milliseconds. */
export function dateText(ms) {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${timeText(ms)}`;
}

/** The time of day by the reader's clock. */
export function timeText(ms) {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** How far a moment is from now. */
function distance(ms, now) {
  const away = Math.abs(ms - now) / 1_000;
  const text = seconds(away < 1 ? 0 : away < 120 ? Math.round(away) : away);
  return ms > now ? `in ${text}` : `${text} ago`;
}

/** A value with its unit. Of a timestamp (Unix milliseconds) how far it is from now; {@link moreOf} has its date. */
export function formatValue(unit, value, now = Date.now()) {
  if (value === null) return "none";
  if (unit === "seconds") return seconds(value);
  if (unit === "bytes") return bytes(value);
  if (unit === "ratio") return `${digits(value * 100)} %`;
  if (unit === "celsius") return `${digits(value)} °C`;
  if (unit === "boolean") return value === 1 ? "yes" : value === 0 ? "no" : digits(value);
  if (unit === "timestamp") return distance(value, now);
  return plain(value);
}

/** What is told beside a value; empty for most units. */
export const moreOf = (unit, value) => (unit === "timestamp" && value !== null ? dateText(value) : "");
