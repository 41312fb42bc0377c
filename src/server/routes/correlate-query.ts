import { readRequest, type EvidenceRequest } from "../../app/evidence/request.ts";
import { MatcherFault, parseLabels } from "../../lib/matcher-text.ts";
import { readTexts, type Query } from "./query-texts.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * What evidence is asked for: `alert`, `group`, or labels, each by its own name or all in `labels=a=b,c=d`, with `from`
 * and `to`. Else a sentence that says what is wrong. `labels` are the names that are known.
 */
export function readCorrelateQuery(
  query: Query,
  labels: readonly string[],
  now: number,
): EvidenceRequest | { readonly fault: string } {
  const read = readTexts(query, ["alert", "group", "labels", "from", "to", ...labels]);
  if ("fault" in read) return read;
  const { alert, group, from, to, labels: listed, ...single } = read.texts;
  const named = labelsOf(listed);
  if (typeof named === "string") return { fault: named };
  const twice = Object.keys(named).find((name) => Object.hasOwn(single, name));
  if (twice !== undefined) return { fault: `${twice} is there more than once` };
  return readRequest({ alert, group, from, to, labels: { ...named, ...single } }, now);
}

/** The labels of a text, or what is wrong with it. */
function labelsOf(text: string | undefined): Labels | string {
  if (text === undefined) return {};
  try {
    return parseLabels(text);
  } catch (thrown) {
    if (!(thrown instanceof MatcherFault)) throw thrown;
    return `labels, character ${thrown.column}: ${thrown.message}`;
  }
}
