/** A copy of a plain document with every text of it scrubbed; keys stay. */
export function scrubbed<T>(document: T, scrub: (text: string) => string): T {
  return walk(document, scrub) as T;
}

function walk(value: unknown, scrub: (text: string) => string): unknown {
  if (typeof value === "string") return scrub(value);
  if (Array.isArray(value)) return isNumbers(value) ? value : value.map((one) => walk(one, scrub));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, scrub)]));
}

/** Points are most of a bundle, and hold no text. */
const isNumbers = (values: readonly unknown[]): boolean => {
  const [first] = values;
  return typeof first === "number" || (Array.isArray(first) && typeof first[0] === "number");
};
