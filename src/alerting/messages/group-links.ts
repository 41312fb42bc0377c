import { printLabel } from "../../core/label-matcher.ts";
import type { AlertLinks, TextMap } from "../../core/notification.ts";

/**
 * A longer link is cut off on its way by browsers and chats, and a silence with fewer matchers would silence too much.
 */
const MOST_SILENCE_URL = 4_000;
const FILTER = "/#/silences/new?filter=";

/** What the links of a group are chosen from. */
export interface LinkSubject {
  /** Those of the most urgent alert; of alerts that have the same they hold for all. */
  readonly links: AlertLinks;
  readonly isOpen: boolean;
  /** Whether more than one alert fires, or may. */
  readonly isSeveral: boolean;
  /** The labels that are equal in all that fire. */
  readonly common: TextMap;
}

/** The links that are offered for the whole group; nothing is left to silence when it is over. */
export function groupLinks({ links: { silence, ...others }, isOpen, isSeveral, common }: LinkSubject): AlertLinks {
  const fitting = isSeveral && silence !== undefined ? silenceAll(silence, common) : silence;
  return { ...others, ...(isOpen && fitting !== undefined && { silence: fitting }) };
}

/**
 * Alertmanager's form for a silence of everything that fires, made from that for one alert. There is none without a
 * common name: it would silence what has nothing to do with these alerts.
 */
function silenceAll(ofOne: string, common: TextMap): string | undefined {
  const at = ofOne.indexOf(FILTER);
  if (at < 0 || !common["alertname"]) return undefined;
  const matchers = Object.entries(common).map(([name, value]) => `${printLabel(name)}=${JSON.stringify(value)}`);
  const link = ofOne.slice(0, at) + FILTER + encodeURIComponent(`{${matchers.join(", ")}}`.toWellFormed());
  return link.length > MOST_SILENCE_URL ? undefined : link;
}
