import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { TextMap } from "../../core/notification.ts";
import type { Inhibition } from "../../core/pack.ts";
import type { Change, ChangeSource, TimeWindow } from "../../core/telemetry.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { keepNearest } from "./keep.ts";

/** The alert whose evidence is looked for. */
export interface AskedAlert {
  readonly fingerprint: string;
  readonly labels: TextMap;
}

/** Where past alerts are, and which of them are no change. */
export interface AlertChangesOptions {
  /** Groups with alerts that began in a time, at most as many as are worth reading. */
  groups(window: TimeWindow, signal: AbortSignal): Promise<readonly AlertGroup[]>;
  readonly asked?: AskedAlert | undefined;
  /** Of the packs: what the asked alert silences says nothing new. */
  readonly inhibitions?: readonly Inhibition[] | undefined;
}

const NAME = "alerts";
const MOST = 100;
const MOST_TITLE = 200;

/** Other alerts that began to fire, as changes. */
export function alertChanges({ groups, asked, inhibitions = [] }: AlertChangesOptions): ChangeSource {
  return {
    name: NAME,
    async read(window, signal, names) {
      const alerts = (await groups(window, signal)).flatMap((group) => group.alerts);
      const changes = [...onceEach(alerts)]
        .filter(({ startsAt }) => startsAt >= window.from && startsAt < window.to)
        .filter((alert) => !isAsked(alert, asked) && !isSilencedBy(asked, alert, inhibitions))
        .toSorted((a, b) => a.startsAt - b.startsAt || (a.fingerprint < b.fingerprint ? -1 : 1))
        .map(changeOf);
      const more = changes.length - MOST;
      const notes = more > 0 ? [`${more} more alerts began in this time and are not shown`] : [];
      return { changes: keepNearest(changes, MOST, names), notes, queries: [] };
    },
  };
}

/** An alert is in the group of each route that takes it. */
function onceEach(alerts: readonly GroupAlert[]): Iterable<GroupAlert> {
  return new Map(alerts.map((alert) => [`${alert.fingerprint}@${alert.startsAt}`, alert])).values();
}

/** The asked alert is no change for itself, nor when it fired before. */
const isAsked = ({ fingerprint }: GroupAlert, asked: AskedAlert | undefined): boolean =>
  fingerprint === asked?.fingerprint;

function isSilencedBy(asked: AskedAlert | undefined, alert: GroupAlert, inhibitions: readonly Inhibition[]): boolean {
  if (asked === undefined) return false;
  return inhibitions.some(
    ({ by, silences, having = {}, equal }) =>
      by === asked.labels["alertname"] &&
      silences.includes(alert.labels["alertname"] ?? "") &&
      Object.entries(having).every(([label, value]) => alert.labels[label] === value) &&
      equal.every((label) => (asked.labels[label] ?? "") === (alert.labels[label] ?? "")),
  );
}

function changeOf({ labels, annotations, startsAt, links }: GroupAlert): Change {
  const name = labels["alertname"] ?? "an alert";
  const summary = annotations["summary"] ?? "";
  const title = clip(oneLine(`${name} began to fire${summary === "" ? "" : `: ${summary}`}`), MOST_TITLE);
  const link = links.dashboard ?? links.source;
  return { kind: "alert", at: startsAt, title, labels, source: NAME, ...(link !== undefined && { link }) };
}
