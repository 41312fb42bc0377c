import { CollectError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { printable } from "../../lib/http/request-text.ts";
import { isMapping } from "../../lib/documents/values.ts";
import { parseYaml } from "../../lib/yaml.ts";
import { ID_LABEL } from "../conventions.ts";
import type { SloRuleGroup } from "../model.ts";
import { printRuleGroup } from "./yaml.ts";

/** A ruler of Mimir or Cortex, and where in it the rules go. */
export interface Ruler {
  /** Up to its Prometheus prefix, such as `https://mimir.example.org/prometheus`, without a final slash. */
  readonly url: string;
  /** Owned by these rules: groups of other SLOs in it are deleted; what is not about SLOs is left alone. */
  readonly namespace: string;
  readonly tenant?: string | undefined;
  /** Value of the header `authorization`. */
  readonly authorization?: Secret | undefined;
}

/** Names of groups by what was done with them. */
export interface PushResult {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly deleted: readonly string[];
  /** Those that are too many and are there still: not made here, or not to be deleted. */
  readonly left: readonly string[];
}

/**
 * Makes a namespace of a ruler hold these groups: writes those that differ, then deletes those of SLOs that are too
 * many, so that nothing is unwatched in between; with `keep` it deletes none, for where not all SLOs could be read.
 * Throws `CollectError`; of a group that was refused it has the ruler's words and, where a limit was met, what to do.
 * Source: https://grafana.com/docs/mimir/latest/references/http-api/#ruler-rules-api
 */
export async function pushSloRules(
  client: HttpClient,
  ruler: Ruler,
  groups: readonly SloRuleGroup[],
  keep = false,
): Promise<PushResult> {
  const there = await groupsThere(client, ruler);
  const differs = (group: SloRuleGroup): boolean => there.get(group.name)?.text !== comparable(group);
  const written = groups.filter(differs);
  for (const group of written) await write(client, ruler, group);
  const wanted = new Set(groups.map(({ name }) => name));
  const others = [...there].filter(([name]) => !wanted.has(name));
  const [deleted, left] = [true, false].map((isOurs) =>
    others.filter(([, group]) => (group.isOurs && !keep) === isOurs).map(([name]) => name),
  ) as [string[], string[]];
  for (const name of deleted)
    await client.request({
      method: "DELETE",
      url: `${urlOf(ruler)}/${encodeURIComponent(name)}`,
      headers: head(ruler),
    });
  const unchanged = groups.filter((group) => !differs(group));
  return { written: written.map(({ name }) => name), unchanged: unchanged.map(({ name }) => name), deleted, left };
}

async function write(client: HttpClient, ruler: Ruler, group: SloRuleGroup): Promise<void> {
  const text = printRuleGroup(group, { first: "", others: "" });
  const headers = { ...head(ruler), "content-type": "application/yaml" };
  // a refusal is a sentence in plain text, which is what helps
  const accept = (status: number): boolean => status < 300 || status === 400;
  const answer = await client.request({ method: "POST", url: urlOf(ruler), headers, text, accept });
  if (answer.status === 400) throw new CollectError("unexpected_status", refusal(group, answer.text));
}

function refusal({ name, rules }: SloRuleGroup, answer: string): string {
  const advice = /limit/i.test(answer)
    ? ". Rulers bound groups and the rules of each: give the bound as rules per group, or raise the tenant's limits ruler_max_rules_per_rule_group and ruler_max_rule_groups_per_tenant"
    : "";
  return `the ruler refused the group ${name} of ${rules.length} rules: ${printable(answer).trim().slice(0, 300)}${advice}`;
}

const urlOf = ({ url, namespace }: Ruler): string => `${url}/config/v1/rules/${encodeURIComponent(namespace)}`;

const head = ({ tenant, authorization }: Ruler): Readonly<Record<string, string | Secret>> => ({
  ...(tenant !== undefined && { "x-scope-orgid": tenant }),
  ...(authorization !== undefined && { authorization }),
});

/** A group of the ruler in a form that can be compared, and whether it is one of SLOs. */
interface GroupThere {
  readonly text: string;
  readonly isOurs: boolean;
}

/** The groups of the namespace by name; none when there is no such namespace. */
async function groupsThere(client: HttpClient, ruler: Ruler): Promise<ReadonlyMap<string, GroupThere>> {
  const accept = [200, 404];
  const headers = { ...head(ruler), accept: "application/yaml" };
  const { status, text } = await client.request({ url: urlOf(ruler), headers, accept });
  if (status === 404) return new Map();
  const { value } = parseYaml(text, "the ruler's answer");
  const found = isMapping(value) ? value[ruler.namespace] : undefined;
  const groups = Array.isArray(found) ? found.filter(isMapping) : [];
  return new Map(groups.map((group) => [String(group["name"]), { text: comparable(group), isOurs: isOfSlos(group) }]));
}

/** Whether every rule of a group is one of an SLO: somebody may keep others in the same namespace. */
function isOfSlos({ rules }: Readonly<Record<string, unknown>>): boolean {
  const idOf = (rule: unknown): unknown =>
    isMapping(rule) && isMapping(rule["labels"]) ? rule["labels"][ID_LABEL] : undefined;
  return Array.isArray(rules) && rules.every((rule) => typeof idOf(rule) === "string");
}

/** JSON with sorted keys. */
const comparable = (value: object): string =>
  JSON.stringify(value, (_, of: unknown) =>
    isMapping(of) ? Object.fromEntries(Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1))) : of,
  );
