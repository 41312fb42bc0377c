/** A number for people: whole ones with commas, others with two digits that say something. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (Number.isInteger(value) || size >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(2)));
}

/** A share as per cent; what is little is not called nothing, and what is not all is not called all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "under 1 %";
  const rounded = Math.round(100 * share);
  return `${share < 1 ? Math.min(99, rounded) : 100} %`;
}

/** `12 times`, `1.6 times`. */
export const times = (ratio: number): string =>
  ratio >= 1_000 ? "over 1,000 times" : `${ratio >= 10 ? Math.round(ratio) : Number(ratio.toPrecision(2))} times`;

/** `120 ms`, `2.3 s`. */
export const duration = (ms: number): string =>
  ms >= 1_000 ? `${number(Number((ms / 1_000).toPrecision(3)))} s` : `${number(Number(ms.toPrecision(3)))} ms`;

/** `1 pattern`, `214 patterns`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** A time for people: `under a minute`, `4 min`, `3 h`. */
export function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return "under a minute";
  return minutes < 120 ? `${minutes} min` : `${number(Math.round(minutes / 60))} h`;
}
