import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from "yaml";
import { chartFolder } from "./chart.ts";

/** A value of the chart that has no values below it. */
export interface ChartValue {
  /** From the root, with dots. */
  readonly path: string;
  /** The comments above it and above what it is in, which a person reads. */
  readonly help: string;
  readonly fallback: unknown;
}

/** Mappings whose keys are the user's, or Kubernetes' own. */
const WHOLE = new Set(["resources"]);

/** Every value of values.yaml. Throws for one that no comment explains. */
export async function chartValues(): Promise<readonly ChartValue[]> {
  const document = parseDocument(await readFile(join(chartFolder, "values.yaml"), "utf8"));
  return valuesOf(document.contents as YAMLMap, []);
}

const valuesOf = (map: YAMLMap, above: readonly string[]): readonly ChartValue[] =>
  map.items.flatMap((pair, i) => {
    const path = [...above, String(pair.key)];
    const inner = isMap(pair.value) && pair.value.items.length > 0 && !WHOLE.has(path.join("."));
    if (inner) return valuesOf(pair.value as YAMLMap, path);
    const help = commentOf(pair) ?? (i === 0 ? map.commentBefore : undefined);
    if (help === undefined || help === null) throw new Error(`values.yaml: no comment explains ${path.join(".")}`);
    const fallback: unknown = (map.toJSON() as Record<string, unknown>)[String(pair.key)];
    return [{ path: path.join("."), help: plain(help), fallback }];
  });

const commentOf = ({ key }: Pair): string | undefined => (isScalar(key) ? (key.commentBefore ?? undefined) : undefined);

const plain = (comment: string): string =>
  (comment.split(/\n\s*\n/).at(-1) ?? "")
    .split("\n")
    .map((line) => line.trim())
    .join(" ");

const shown = (fallback: unknown): string => {
  const text = JSON.stringify(fallback);
  return text.length > 30 ? "in the file" : `\`${text}\``;
};

const HEADING = "## Values\n";

/** The chart's README with the table that values.yaml makes, formatted as the repository is. */
export async function readmeWithValues(): Promise<{ readonly path: string; readonly text: string }> {
  const path = join(chartFolder, "README.md");
  const [head = ""] = (await readFile(path, "utf8")).split(HEADING);
  const rows = (await chartValues()).map(
    ({ path: name, help, fallback }) => `| \`${name}\` | ${shown(fallback)} | ${help.replaceAll("|", "\\|")} |`,
  );
  const table = ["| Value | Default | What it is |", "| --- | --- | --- |", ...rows].join("\n");
  const text = `${head}${HEADING}\nMade from [values.yaml](values.yaml), where the longer ones are easier to read.\n\n${table}\n`;
  return { path, text: await format(text, { ...(await resolveConfig(path)), filepath: path }) };
}
