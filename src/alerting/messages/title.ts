import type { GroupAlert } from "../../core/alert-group.ts";
import type { TextMap } from "../../core/notification.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { fewPlaces, nameOf, placeText, saysWhere, valueOf } from "./labels.ts";
import { summaryOf } from "./message-alert.ts";

const MOST_TITLE = 250;
/** Names or places that are written out; more of them are counted. */
const MOST_NAMED = 3;

/** What a title is made of. */
export interface TitleSubject {
  /** The alerts that the title is about: those that fire or, of a closed group, all. */
  readonly alerts: readonly GroupAlert[];
  /** The labels that are equal in all of them. */
  readonly common: TextMap;
  /** How many more fire that the sender left out. */
  readonly hidden: number;
  readonly groupLabels: TextMap;
  readonly groupKey: string;
}

/** What, and where, on one line for a phone; never empty, at most 250 characters. */
export function titleOf({ alerts, common, hidden, groupLabels, groupKey }: TitleSubject): string {
  const [first] = alerts;
  if (first === undefined) return fallbackTitle(groupLabels, groupKey, hidden);
  if (alerts.length === 1 && hidden === 0) return asTitle(withPlace(summaryOf(first), first.labels));
  const count = amount(alerts.length);
  const rest = hidden > 0 ? `, and ${hidden} that were left out` : "";
  const summary = commonSummary(alerts);
  if (summary !== undefined) return asTitle(`${clip(summary, MOST_TITLE - 60)} (${count}${rest})`);
  const places = fewPlaces(alerts, common, MOST_NAMED);
  const surroundings = placeText(common, MOST_NAMED, "wide");
  const where = `${places.length > 0 ? ` on ${places.join(", ")}` : ""}${surroundings && ` [${surroundings}]`}`;
  return asTitle(`${kindsText(countNames(alerts), count)}${where}${rest}`);
}

/** A line that can be a title: cut off, without what can not be seen. */
export const asTitle = (text: string): string => clip(oneLine(text), MOST_TITLE) || "Alert";

const amount = (count: number): string => `${count} ${count === 1 ? "alert" : "alerts"}`;

function fallbackTitle(groupLabels: TextMap, groupKey: string, hidden: number): string {
  const place = placeText(groupLabels, MOST_NAMED, "wide");
  const name = nameOf(Object.keys(groupLabels).length > 0 ? groupLabels : { groupKey });
  return asTitle(`${name}${hidden > 0 ? `: ${amount(hidden)} that were left out` : ""}${place && ` [${place}]`}`);
}

function withPlace(summary: string, labels: TextMap): string {
  if (saysWhere(summary, labels)) return summary;
  const place = placeText(labels, 2);
  return `${clip(summary, MOST_TITLE - 10 - Math.min(place.length, 130))}${place && ` [${place}]`}`;
}

/** The sentence of alerts that all say the same. */
function commonSummary(alerts: readonly GroupAlert[]): string | undefined {
  const [first, ...others] = alerts;
  const summary = first?.annotations["summary"];
  if (first === undefined || !summary || others.some(({ annotations }) => annotations["summary"] !== summary))
    return undefined;
  return summaryOf(first);
}

function countNames(alerts: readonly GroupAlert[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { labels } of alerts) {
    const name = labels["alertname"] ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const seen = new Map<string, number>();
  for (const [name, count] of counts) {
    const clean = valueOf({ name }, "name") ?? "without a name";
    seen.set(clean, (seen.get(clean) ?? 0) + count);
  }
  return seen;
}

function kindsText(counts: ReadonlyMap<string, number>, count: string): string {
  const [only, ...others] = counts.keys();
  return only !== undefined && others.length === 0
    ? `${clip(only, 100)}: ${count}`
    : `${count}: ${listKinds([...counts])}`;
}

/** How many of each kind, the most frequent first, such as `40 NodeDown, 15 DiskFull and 7 of 3 other kinds`. */
export function listKinds(counts: readonly (readonly [name: string, count: number])[]): string {
  const sorted = counts.toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  const named = sorted.slice(0, sorted.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED);
  const rest = sorted.slice(named.length);
  const words = named.map(([name, count]) => `${count} ${clip(name, 50)}`).join(", ");
  if (rest.length === 0) return words;
  return `${words} and ${rest.reduce((sum, [, count]) => sum + count, 0)} of ${rest.length} other kinds`;
}
