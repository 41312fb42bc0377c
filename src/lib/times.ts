/** A length of time in milliseconds in the two digits or so that a person wants. */
export function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const;
  const [size, unit] = units.find(([of]) => ms >= of) ?? [1_000, "s"];
  const count = ms / size;
  return `${count < 10 && !Number.isInteger(count) ? count.toFixed(1) : Math.round(count)} ${unit}`;
}

/** A moment in words, in UTC, to the minute: every reader's clock is another. */
export const moment = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
