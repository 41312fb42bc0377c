import type { Duration } from "../../core/duration.ts";
import type { TextMap } from "../../core/notification.ts";
import type { ReplicaAnswer } from "./alertmanager-client.ts";
import type { AlertmanagerAlert, Silence } from "./alertmanager-shapes.ts";
import { groupIntervals } from "./group-intervals.ts";
import { sameTexts } from "./texts.ts";

/** Whether Alertmanager would notify of an alert, and what keeps it from that. */
export interface Standing {
  /** Some replica would notify of it; then the rest says nothing. */
  readonly isActive: boolean;
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of alerts. */
  readonly inhibitedBy: readonly string[];
  /** Names of time intervals. */
  readonly mutedBy: readonly string[];
}

/** Where an alert is in Alertmanager: all of its groups that have the same receiver and labels. */
export interface Place {
  readonly receiver: string;
  readonly labels: TextMap;
  readonly standing: Standing;
  /**
   * How many groups there hold the alert: routes that differ in their matchers only can not be told apart from outside.
   */
  readonly groups: number;
}

/** An alert that some replica has. */
export interface KnownAlert {
  readonly labels: TextMap;
  /** Unix milliseconds. */
  readonly startsAt: number;
  /** Of the alert as such, which knows nothing of time intervals. */
  readonly standing: Standing;
  readonly places: readonly Place[];
}

/** What all replicas that answered say together. */
export interface AlertmanagerView {
  /** By fingerprint. An alert that any replica has is in it. */
  readonly alerts: ReadonlyMap<string, KnownAlert>;
  readonly silences: ReadonlyMap<string, Silence>;
  /** For how long the youngest replica has been running, in milliseconds. */
  readonly upFor: number;
  /** The longest that a group of this receiver waits between two notifications. */
  groupInterval(receiver: string): Duration;
}

/** Puts together what the replicas say; undefined when none answered, because then nothing is known. */
export function viewOf(answers: readonly ReplicaAnswer[]): AlertmanagerView | undefined {
  if (answers.length === 0) return undefined;
  const alerts = new Map<string, KnownAlert>();
  for (const answer of answers) addReplica(alerts, answer);
  const intervals = answers.map(({ configuration }) => groupIntervals(configuration));
  return {
    alerts,
    silences: new Map(answers.flatMap(({ silences }) => silences.map((silence) => [silence.id, silence]))),
    upFor: Math.min(...answers.map(({ upFor }) => upFor)),
    groupInterval: (receiver) => Math.max(...intervals.map((of) => of(receiver))) as Duration,
  };
}

/** One standing out of two: active where either is. */
export const joinStandings = (a: Standing, b: Standing): Standing => ({
  isActive: a.isActive || b.isActive,
  silencedBy: union(a.silencedBy, b.silencedBy),
  inhibitedBy: union(a.inhibitedBy, b.inhibitedBy),
  mutedBy: union(a.mutedBy, b.mutedBy),
});

function addReplica(known: Map<string, KnownAlert>, { alerts, groups }: ReplicaAnswer): void {
  const places = new Map<string, Place[]>();
  for (const alert of alerts) join(known, alert);
  for (const { receiver, labels, alerts: members } of groups)
    for (const alert of members) {
      join(known, alert);
      const place = { receiver: receiver.name, labels, standing: standingOf(alert), groups: 1 };
      places.set(
        alert.fingerprint,
        addPlace(places.get(alert.fingerprint) ?? [], place, (a, b) => a + b),
      );
    }
  for (const [fingerprint, own] of places) {
    const alert = known.get(fingerprint);
    if (alert === undefined) continue;
    const joined = own.reduce((all, place) => addPlace(all, place, Math.max), [...alert.places]);
    known.set(fingerprint, { ...alert, places: joined });
  }
}

function join(known: Map<string, KnownAlert>, alert: AlertmanagerAlert): void {
  const standing = standingOf(alert);
  const former = known.get(alert.fingerprint);
  known.set(alert.fingerprint, {
    labels: alert.labels,
    startsAt: Math.min(alert.startsAt, former?.startsAt ?? alert.startsAt),
    standing: former === undefined ? standing : joinStandings(former.standing, standing),
    places: former?.places ?? [],
  });
}

function addPlace(places: Place[], place: Place, count: (a: number, b: number) => number): Place[] {
  const i = places.findIndex(({ receiver, labels }) => receiver === place.receiver && sameTexts(labels, place.labels));
  const former = places[i];
  if (former === undefined) return [...places, place];
  const standing = joinStandings(former.standing, place.standing);
  return places.with(i, { ...former, standing, groups: count(former.groups, place.groups) });
}

function standingOf({ status: { state, ...by } }: AlertmanagerAlert): Standing {
  // `unprocessed` and any state to come are not known to be kept quiet.
  return { isActive: state !== "suppressed", ...by };
}

const union = (a: readonly string[], b: readonly string[]): readonly string[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...new Set([...a, ...b])];
