import type { AskedGate } from "../../app/slo/board.ts";
import type { Query } from "./query-texts.ts";

/** What of an objective is needed to understand the question. */
interface Asked {
  readonly groupBy: readonly string[];
}

type Read = { readonly question: AskedGate; readonly asStatus: boolean } | { readonly error: string };

const KEYS = ["change", "approved_by", "group", "status"];

/**
 * What is asked of a gate; or a sentence for whoever wrote a question that means nothing. An empty value is as none.
 */
export function readGateQuery(query: Query, slo: Asked): Read {
  const { group = [], ...single } = query;
  const error = keyFault(query) ?? repeatFault(single) ?? statusFault(single);
  if (error !== undefined) return { error };
  const pairs = [group]
    .flat()
    .filter((text) => text !== "")
    .map((text): readonly string[] => text.split(/=(.*)/s, 2));
  const wrong = groupFault(pairs, slo);
  if (wrong !== undefined) return { error: wrong };
  const one = (name: string): string | undefined => [single[name]].flat()[0] || undefined;
  return {
    question: {
      change: one("change"),
      approvedBy: one("approved_by"),
      group: Object.fromEntries(pairs.map(([label = "", value = ""]) => [label, value])),
    },
    asStatus: one("status") === "1",
  };
}

function keyFault(query: Query): string | undefined {
  const key = Object.keys(query).find((name) => !KEYS.includes(name));
  return key === undefined ? undefined : `There is no ${quoted(key)} to ask with: there are ${KEYS.join(", ")}.`;
}

function repeatFault(query: Query): string | undefined {
  const key = Object.keys(query).find((name) => typeof query[name] === "object");
  return key === undefined ? undefined : `${key} is there more than once: only group may be.`;
}

function statusFault({ status = "" }: Query): string | undefined {
  return ["", "0", "1"].includes(String(status))
    ? undefined
    : `status is 1, for an answer by the HTTP status, or 0, and not ${quoted(String(status))}.`;
}

function groupFault(pairs: readonly (readonly string[])[], { groupBy }: Asked): string | undefined {
  for (const [i, [label = "", value]] of pairs.entries()) {
    if (groupBy.length === 0) return "This SLO has no groups: leave off group.";
    if (value === undefined)
      return `group is written label=value, such as ${groupBy[0]}=..., and not ${quoted(label)}.`;
    if (!groupBy.includes(label))
      return `The groups of this SLO have no label ${quoted(label)}: ${groupBy.length === 1 ? "it is" : "they are"} ${groupBy.join(", ")}.`;
    if (pairs.findIndex(([other]) => other === label) < i)
      return `group names ${label} more than once: a group has one value of it.`;
  }
  return undefined;
}

const MOST_SHOWN = 60;

const quoted = (text: string): string => JSON.stringify(text.slice(0, MOST_SHOWN));
