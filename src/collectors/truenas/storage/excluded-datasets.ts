import { RE2JS } from "re2js";

/** Tells by the configuration's patterns which datasets have no series of their own; `*` stands for anything. */
export function excludedDatasets(patterns: readonly string[]): (dataset: string) => boolean {
  const compiled = patterns.map((pattern) =>
    RE2JS.compile(RE2JS.quote(pattern).replaceAll(String.raw`\*`, ".*"), RE2JS.DOTALL),
  );
  return (dataset) => compiled.some((one) => one.matches(dataset));
}
