/** Where the axis of values begins and ends, and where it is marked. Pure. */

const DAY = 86_400;

/** From 0 on where that means something, and with the thresholds that are near. */
export function rangeOf(unit, levels, least, greatest) {
  if (least === null || greatest === null) return [0, 1];
  const bottom = least >= 0 && unit !== "celsius" && unit !== "timestamp" ? 0 : least;
  const span = greatest - bottom || Math.abs(greatest) || 1;
  const flat = greatest === bottom ? bottom + (unit === "none" ? 1 : span * 0.1) : greatest;
  const near = levels
    .map(({ from }) => from)
    .filter((from) => from !== null && from <= greatest + span && from >= bottom - span);
  const top = Math.max(flat, ...near);
  const low = Math.min(bottom, ...near);
  const pad = (top - low || span) * 0.06;
  return [low === 0 ? 0 : low - pad, unit === "boolean" ? Math.max(1, top) : top + pad];
}

/** 1, 2 and 5, times every power of ten from `least` to `most`. */
const decimal = (least, most) =>
  Array.from({ length: most - least + 1 }, (_, i) => [1, 2, 5].map((digit) => digit * 10 ** (least + i))).flat();

const ROUND_TIMES = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200];
const ROUND_DAYS = [1, 2, 7, 30, 90, 365, 3_650];

/** Where the axis may be marked, so that bytes and times are round ones. */
export function stepsOf(unit) {
  if (unit === "bytes") return Array.from({ length: 60 }, (_, i) => 2 ** i);
  if (unit === "seconds") return [...decimal(-6, -1), ...ROUND_TIMES, ...ROUND_DAYS.map((days) => days * DAY)];
  return unit === "boolean" ? [1] : decimal(-9, 20);
}
