import { inWords } from "./times.ts";
import { duration, number } from "./words.ts";

/** What is computed, and of what. */
interface Measured {
  readonly metric: string;
  readonly expr: string;
}

/** Longer times are told in minutes, hours and days. */
const LONG_MS = 120_000;
const SIZES = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/**
 * By the ends of names, as Prometheus' conventions have them. Source:
 * https://prometheus.io/docs/practices/naming/#base-units
 */
const UNITS: readonly (readonly [RegExp, (value: number) => string])[] = [
  [/_seconds$/, (value) => timeText(1_000 * value)],
  [/_(?:milliseconds|millis|ms)$/, (value) => timeText(value)],
  [/_bytes$/, (value) => bytesText(value)],
  [/_ratio$/, (value) => `${number(Number((100 * value).toPrecision(3)))} %`],
  [/_percent$/, (value) => `${number(value)} %`],
  [/_celsius$/, (value) => `${number(value)} °C`],
];

/** A value with its unit, as far as the name of its metric tells it: `2.3 s`, `1.5 GiB`, `0.4/s`. */
export function measured(value: number, { metric, expr }: Measured): string {
  const isQuantile = expr.startsWith("histogram_quantile(");
  const isCount = expr.startsWith("histogram_count(") || metric.endsWith("_count");
  const isRate = !isQuantile && /^(?:\w+\b[^(]*\(\s*)*?(?:i?rate|i?deriv)\(/.test(expr);
  const name = metric.replace(/_(?:total|sum|bucket)$/, "");
  const unit = isCount ? undefined : UNITS.find(([names]) => names.test(name))?.[1];
  const text = unit === undefined ? number(value) : unit(value);
  if (!isRate) return text;
  // seconds of each second, such as those of a processor
  return unit !== undefined && name.endsWith("_seconds") ? `${number(value)} s/s` : `${text}/s`;
}

const timeText = (ms: number): string => {
  const size = Math.abs(ms);
  return `${ms < 0 ? "-" : ""}${size < LONG_MS ? duration(size) : inWords(size)}`;
};

function bytesText(value: number): string {
  const step = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
  return `${number(Number((value / 1_024 ** step).toPrecision(3)))} ${SIZES[step] ?? ""}`;
}
