import { hiddenAlerts, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { TextMap } from "../../core/notification.ts";
import {
  joinStandings,
  type AlertmanagerView,
  type KnownAlert,
  type Place,
  type Standing,
} from "./alertmanager-view.ts";
import type { Verdict } from "../groups/close-alerts.ts";
import { gone, movedAway, suppressed } from "./closing-words.ts";
import { sameTexts } from "./texts.ts";

/** How long to wait before something is concluded; all in milliseconds. */
export interface Graces {
  /** What was reported in this time is left alone: Alertmanager's answer may be older than the report. */
  readonly fresh: number;
  /** What was resolved in this time is not opened again. */
  readonly resolved: number;
  /** A replica that has been up for less may not have been sent all alerts again. */
  readonly uptime: number;
  /**
   * What a resolved notification may take on top of its group's `group_interval`: retries, and its turn among replicas.
   */
  readonly flush: number;
}

/** What groups are compared with. */
export interface JudgeContext {
  readonly view: AlertmanagerView;
  /** The store's clock, in Unix milliseconds. */
  readonly now: number;
  readonly graces: Graces;
  /** Whether a route of ours made the group, so that its labels are not those of Alertmanager's group. */
  isRegrouped(group: AlertGroup): boolean;
  /** For how long the same was suspected in every comparison in a row; undefined when not in the last one. */
  suspectedFor(suspicion: string): number | undefined;
}

/** An alert that is to be closed as long as it is as it was judged. */
export interface AlertClosing extends Verdict {
  readonly startsAt: number;
  readonly seenAt: number;
}

/** What is to be done with one open group. */
export interface Judgement {
  /** By fingerprint. */
  readonly closings: ReadonlyMap<string, AlertClosing>;
  /** Nothing that the sender left out of the group still fires. */
  readonly clearsHidden: boolean;
  /** What would be concluded if it were found the next time too. */
  readonly suspicions: readonly string[];
}

/** Compares an open group with what Alertmanager says. What any replica would notify of in this group stays open. */
export function judgeGroup(group: AlertGroup, context: JudgeContext): Judgement {
  const closings = new Map<string, AlertClosing>();
  const suspicions: string[] = [];
  for (const alert of group.alerts) {
    if (alert.state !== "firing" || context.now - alert.seenAt < context.graces.fresh) continue;
    const found = judgeAlert(group, alert, context);
    if (typeof found === "string") suspicions.push(found);
    else if (found !== undefined) {
      const { startsAt, seenAt } = alert;
      closings.set(alert.fingerprint, { ...found, startsAt, seenAt });
    }
  }
  const hidden = judgeHidden(group, context);
  if (typeof hidden === "string") suspicions.push(hidden);
  return { closings, clearsHidden: hidden === true, suspicions };
}

/** The places of an alert in Alertmanager that this group may stand for. */
export function placesIn(group: AlertGroup, known: KnownAlert, { isRegrouped }: JudgeContext): readonly Place[] {
  const isAnyGroup = isRegrouped(group) || isCut(group.labels);
  return known.places.filter(
    ({ receiver, labels }) => receiver === group.receiver && (isAnyGroup || sameTexts(labels, group.labels)),
  );
}

/** Whether intake may have cut off something of the labels, so that they can not be compared. */
const isCut = (labels: TextMap): boolean =>
  Object.keys(labels).length >= 100 ||
  Object.entries(labels)
    .flat()
    .some((text) => text.endsWith("…"));

/** A closing, a suspicion, or nothing. */
function judgeAlert(group: AlertGroup, alert: GroupAlert, context: JudgeContext): Verdict | string | undefined {
  const { view } = context;
  const known = view.alerts.get(alert.fingerprint);
  const suspicion = `${group.id} ${alert.fingerprint} ${alert.startsAt} ${alert.seenAt}`;
  if (known === undefined) return judgeAbsent(group, alert, `${suspicion} absent`, context);
  const places = placesIn(group, known, context);
  if (places.length > 0) {
    const standing = places.map((place) => place.standing).reduce(joinStandings);
    return standing.isActive || isDisputed(standing, known) ? undefined : suppressed(standing, view);
  }
  if (!known.standing.isActive) return suppressed(known.standing, view);
  // An alert in no group at all is about to be put into one.
  if (known.places.length === 0) return undefined;
  const moved = `${suspicion} moved`;
  return context.suspectedFor(moved) === undefined ? moved : movedAway(group.receiver, known.places);
}

/**
 * Silences and inhibitions are the alert's in all of its groups: a replica that has it active does not know of them.
 */
const isDisputed = ({ silencedBy, inhibitedBy }: Standing, { standing }: KnownAlert): boolean =>
  silencedBy.length + inhibitedBy.length > 0 && standing.isActive;

function judgeAbsent(
  group: AlertGroup,
  { seenAt }: GroupAlert,
  suspicion: string,
  context: JudgeContext,
): Verdict | string | undefined {
  if (!isSettled(context)) return undefined;
  if (!isOverdue(group, suspicion, context)) return suspicion;
  return gone(context.view.upFor < context.now - seenAt);
}

/**
 * Whether the alerts that were left out of the group have ended: true, a suspicion, or undefined. Their labels are at
 * least those of the group; any active alert that has them, comes from the same receiver and is not known here may be
 * one.
 */
function judgeHidden(group: AlertGroup, context: JudgeContext): boolean | string | undefined {
  if (hiddenAlerts(group) === 0 || !isSettled(context)) return undefined;
  if (group.alerts.some(({ seenAt }) => context.now - seenAt < context.graces.fresh)) return undefined;
  const shown = new Set(group.alerts.map(({ fingerprint }) => fingerprint));
  for (const [fingerprint, known] of context.view.alerts)
    if (!shown.has(fingerprint) && mayBelong(group, known)) return undefined;
  const suspicion = `${group.id} hidden ${JSON.stringify(group.truncated)}`;
  return isOverdue(group, suspicion, context) ? true : suspicion;
}

function mayBelong(group: AlertGroup, { labels, standing, places }: KnownAlert): boolean {
  if (!hasLabels(labels, group.labels)) return false;
  if (places.length === 0) return standing.isActive;
  return places.some((place) => place.standing.isActive && place.receiver === group.receiver);
}

const hasLabels = (labels: TextMap, wanted: TextMap): boolean =>
  Object.entries(wanted).every(([name, value]) => (labels[name] ?? "") === value);

/** Whether the absence of an alert means anything. */
const isSettled = ({ view, graces }: JudgeContext): boolean => view.upFor >= graces.uptime;

/** Whether a resolved notification would have been here by now. */
function isOverdue(group: AlertGroup, suspicion: string, { view, graces, suspectedFor }: JudgeContext): boolean {
  const suspected = suspectedFor(suspicion);
  return suspected !== undefined && suspected >= view.groupInterval(group.receiver) + graces.flush;
}
