import { Refusal } from "./answers.ts";
import type { KubernetesObject } from "./contract.ts";

/** Whether an object is one of those that are asked for. */
export type Selector = (object: KubernetesObject) => boolean;

/** The selector of a list's or watch's query. Throws a {@link Refusal} for what the API server would not understand. */
export function selectorOf(query: URLSearchParams, namespace: string | undefined): Selector {
  const tests = [
    ...termsOf(query.get("fieldSelector")).map(fieldTest),
    ...termsOf(query.get("labelSelector")).map(labelTest),
    ...(namespace === undefined ? [] : [(object: KubernetesObject) => object.metadata.namespace === namespace]),
  ];
  return (object) => tests.every((test) => test(object));
}

/** Terms are split at commas that are not in brackets. */
const termsOf = (text: string | null): string[] => (text ?? "").split(/,(?![^(]*\))/).filter((term) => term !== "");

function fieldTest(term: string): Selector {
  const [, field, operator, wanted] = /^([\w.]+)(!=|==?)(.*)$/.exec(term) ?? [];
  const read = field === undefined ? undefined : FIELDS.get(field);
  if (read === undefined) throw new Refusal(400, "BadRequest", `field label not supported: ${field ?? term}`);
  return (object) => (read(object) === wanted) !== (operator === "!=");
}

const FIELDS = new Map<string, (object: KubernetesObject) => unknown>([
  ["metadata.name", ({ metadata }) => metadata.name],
  ["metadata.namespace", ({ metadata }) => metadata.namespace],
  ["type", (object) => object["type"]],
]);

function labelTest(term: string): Selector {
  const equal = /^([\w./-]+)\s*(!=|==?)\s*([\w.-]*)$/.exec(term.trim());
  if (equal !== null) {
    const [, key = "", operator, value] = equal;
    return ({ metadata }) => (metadata.labels?.[key] === value) !== (operator === "!=");
  }
  const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term.trim());
  if (set !== null) {
    const [, key = "", operator, values = ""] = set;
    const wanted = new Set<string | undefined>(values.split(",").map((value) => value.trim()));
    return ({ metadata }) => wanted.has(metadata.labels?.[key]) !== (operator === "notin");
  }
  const has = /^(!?)([\w./-]+)$/.exec(term.trim());
  if (has === null) throw new Refusal(400, "BadRequest", "unable to parse requirement");
  const [, not, key = ""] = has;
  return ({ metadata }) => (metadata.labels?.[key] !== undefined) !== (not === "!");
}
