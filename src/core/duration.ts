/**
 * A length of time in milliseconds. Made by {@link milliseconds}, {@link seconds}, {@link minutes}, {@link hours},
 * {@link days} or {@link parseDuration}, so that a bare number can not be taken for one.
 */
export type Duration = number & { readonly __duration: true };

const MILLISECONDS_PER_UNIT = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
type Unit = keyof typeof MILLISECONDS_PER_UNIT;

export const milliseconds = (n: number): Duration => n as Duration;
export const seconds = (n: number): Duration => milliseconds(n * MILLISECONDS_PER_UNIT.s);
export const minutes = (n: number): Duration => milliseconds(n * MILLISECONDS_PER_UNIT.m);
export const hours = (n: number): Duration => milliseconds(n * MILLISECONDS_PER_UNIT.h);
export const days = (n: number): Duration => milliseconds(n * MILLISECONDS_PER_UNIT.d);

/** The duration in seconds, Prometheus' base unit of time. */
export const inSeconds = (duration: Duration): number => duration / MILLISECONDS_PER_UNIT.s;

/** What {@link parseDuration} accepts: Prometheus' form, units in falling order, each at most once. */
export const DURATION_PATTERN = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Reads Prometheus' duration text, such as `15s`, `1h30m` or `500ms`; undefined when it is not one.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
 */
export function parseDuration(text: string): Duration | undefined {
  const match = text === "" ? null : DURATION_PATTERN.exec(text);
  if (match === null) return undefined;
  const units: readonly Unit[] = ["y", "w", "d", "h", "m", "s", "ms"];
  return milliseconds(units.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * MILLISECONDS_PER_UNIT[unit], 0));
}

/**
 * Prints Prometheus' duration text, largest units first; weeks and years are written as days, as operators read them.
 */
export function formatDuration(duration: Duration): string {
  if (!Number.isInteger(duration) || duration < 0)
    throw new RangeError(`not a whole, positive duration: ${duration} ms`);
  if (duration === 0) return "0s";
  let rest: number = duration;
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"] as const) {
    const count = Math.floor(rest / MILLISECONDS_PER_UNIT[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * MILLISECONDS_PER_UNIT[unit];
  }
  return text;
}

/**
 * Reads Go's duration text, such as `516.4ms` or `1m0.5s`; undefined when it is not one.
 * Source: https://pkg.go.dev/time#ParseDuration
 */
export function parseGoDuration(text: string): Duration | undefined {
  const toMilliseconds: Record<string, number> = {
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    μs: 1e-3,
    ms: 1,
    s: 1e3,
    m: 6e4,
    h: 3.6e6,
  };
  if (text === "0") return milliseconds(0);
  if (!/^[+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  const sign = text.startsWith("-") ? -1 : 1;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)/g)) {
    sum += Number(count) * (toMilliseconds[unit ?? ""] ?? Number.NaN);
  }
  return milliseconds(sign * sum);
}
