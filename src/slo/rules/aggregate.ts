import { QUOTED } from "../../lib/promql-syntax.ts";

const SUM = /^sum\s*(?:by\s*\(([^()]*)\)\s*)?\(/;

/**
 * An expression as one value for each combination of the labels, which then are the only ones left: no label of a
 * scrape may become a part of a recorded series' identity. A sum by the same labels stays as it is.
 */
export function aggregate(how: "sum" | "avg", expression: string, by: readonly string[]): string {
  const text = onOneLine(expression);
  if (how === "sum" && isSumBy(text, by)) return text;
  return by.length === 0 ? `${how}(${text})` : `${how} by (${by.join(", ")}) (${text})`;
}

function isSumBy(text: string, by: readonly string[]): boolean {
  const head = SUM.exec(text);
  if (head === null) return false;
  const labels = (head[1] ?? "").split(",").map((label) => label.trim());
  const found = labels.filter((label) => label !== "");
  return found.toSorted().join() === by.toSorted().join() && closesAtEnd(text.slice(head[0].length));
}

/** Whether the bracket that was opened before the text closes with its last character. */
function closesAtEnd(text: string): boolean {
  const bare = text.replace(QUOTED, "");
  let depth = 1;
  for (let i = 0; i < bare.length; i++) {
    if (bare[i] === "(") depth++;
    else if (bare[i] === ")" && --depth === 0) return i === bare.length - 1;
  }
  return false;
}

/** A text of raw quotes may mean its line breaks. */
const onOneLine = (text: string): string =>
  text.includes("`") ? text.trim() : text.trim().replaceAll(/\s*\n\s*/g, " ");
