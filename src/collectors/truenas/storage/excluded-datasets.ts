/** Tells by the configuration's patterns which datasets have no series of their own; `*` stands for anything. */
export function excludedDatasets(patterns: readonly string[]): (dataset: string) => boolean {
  const matchers = patterns.map(
    (pattern) => new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", "[^]*")}$`),
  );
  return (dataset) => matchers.some((matcher) => matcher.test(dataset));
}
