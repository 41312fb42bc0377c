import { hiddenAlerts, isOpen, newsOf, STORM_ROUTE, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { Told } from "../../core/conversation.ts";
import { MESSAGE_SEVERITIES, type Message, type MessageAlert, type MessageChanges } from "../../core/message.ts";
import type { TextMap } from "../../core/notification.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { severityOf } from "../../core/severity.ts";
import { best } from "./best.ts";
import { changesSince, isNewEvidence } from "./changes.ts";
import { groupLinks } from "./group-links.ts";
import { commonLabels } from "./labels.ts";
import { messageAlert } from "./message-alert.ts";
import { stormCounts, stormTitle } from "./storm.ts";
import { titleOf } from "./title.ts";

export { toldOf } from "./changes.ts";

const MOST_ALERTS = 50;
const MOST_CHANGES = 10;

/** What a message is made of. */
export interface MessageRequest {
  readonly group: AlertGroup;
  /** What the destination was last told in this episode; undefined when that is nothing, or is not known. */
  readonly told: Told | undefined;
  readonly action: DeliveryAction;
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
  readonly conversationId: string;
}

/** Says in one form, the same for every channel, what is to be told of a group. Pure; bounded work for any group. */
export function buildMessage({ group, told, action, ...address }: MessageRequest): Message {
  const isStorm = group.route === STORM_ROUTE;
  const { evidence } = group;
  const ranked = group.alerts.map(rankAlert);
  const common = isStorm ? {} : commonLabels(group.alerts);
  const asMessageAlert = (alert: GroupAlert): MessageAlert => messageAlert(alert, common);
  const shown = best(ranked, MOST_ALERTS, byUrgency).map(({ alert }) => asMessageAlert(alert));
  const facts = factsOf(group, ranked);
  const subjectCommon = facts.subjects.length === ranked.length ? common : commonLabels(facts.subjects);
  const changes = action === "open" || told === undefined ? undefined : changesOf(told, group, asMessageAlert);
  return {
    kind: isStorm ? "storm" : "alert",
    status: isOpen(group) ? "firing" : "resolved",
    severity: facts.severity,
    title: isStorm ? stormTitle(group.alerts) : groupTitle(group, facts.subjects, subjectCommon),
    alerts: shown,
    moreAlerts: ranked.length - shown.length,
    counts: isStorm ? stormMessageCounts(group) : facts.counts,
    commonLabels: common,
    groupLabels: group.labels,
    since: facts.since,
    ...(facts.until !== undefined && { until: facts.until }),
    ...(changes !== undefined && { changes }),
    links: {
      ...groupLinks({
        links: shown[0]?.links ?? {},
        isOpen: isOpen(group),
        isSeveral: facts.subjects.length + facts.counts.hidden > 1,
        common: subjectCommon,
      }),
      watchkeeper: `${address.externalUrl}/alerts/${address.conversationId}`,
      ...(evidence !== undefined &&
        evidence.isNotKept !== true && { evidence: `${address.externalUrl}/evidence/${evidence.bundleId}` }),
    },
    source: group.source,
    ...(group.externalUrl !== undefined && { sourceUrl: group.externalUrl }),
    groupKey: group.groupKey,
    revision: group.revision,
    ...(evidence !== undefined && { evidence: evidence.lines }),
    ...(evidence?.foundNothing === true && { foundNothing: true as const }),
  };
}

const groupTitle = (group: AlertGroup, alerts: readonly GroupAlert[], common: TextMap): string =>
  titleOf({ alerts, common, hidden: hiddenAlerts(group), groupLabels: group.labels, groupKey: group.groupKey });

interface RankedAlert {
  readonly alert: GroupAlert;
  readonly isFiring: boolean;
  /** Place in `MESSAGE_SEVERITIES`: 0 is the worst. */
  readonly rank: number;
}

const rankAlert = (alert: GroupAlert): RankedAlert => ({
  alert,
  isFiring: alert.state === "firing",
  rank: MESSAGE_SEVERITIES.indexOf(severityOf(alert.labels)),
});

/** Open ones first, then the worst, then the newest; the fingerprint makes it the same every time. */
const byUrgency = (a: RankedAlert, b: RankedAlert): number =>
  Number(b.isFiring) - Number(a.isFiring) ||
  a.rank - b.rank ||
  b.alert.startsAt - a.alert.startsAt ||
  (a.alert.fingerprint < b.alert.fingerprint ? -1 : Number(a.alert.fingerprint > b.alert.fingerprint));

function factsOf(group: AlertGroup, ranked: readonly RankedAlert[]) {
  const firing = ranked.filter(({ isFiring }) => isFiring);
  // what is known to fire is what a message is about; of a closed group it is all that fired
  const subjects = firing.length > 0 ? firing : ranked;
  const since = subjects.reduce((oldest, { alert }) => Math.min(oldest, alert.startsAt), Number.POSITIVE_INFINITY);
  const ended = ranked.reduce((last, { alert }) => Math.max(last, alert.endsAt ?? alert.closedAt ?? 0), 0);
  const began = Number.isFinite(since) ? since : group.createdAt;
  return {
    subjects: subjects.map(({ alert }) => alert),
    severity:
      MESSAGE_SEVERITIES[subjects.reduce((worst, { rank }) => Math.min(worst, rank), subjects.length > 0 ? 3 : 1)] ??
      "error",
    counts: { firing: firing.length, closed: ranked.length - firing.length, hidden: hiddenAlerts(group) },
    since: began,
    until: isOpen(group) ? undefined : Math.max(began, ended === 0 ? group.updatedAt : ended),
  };
}

function stormMessageCounts({ alerts }: AlertGroup): Message["counts"] {
  const { groups, open } = stormCounts(alerts);
  return { firing: open, closed: Math.max(0, groups - open), hidden: 0 };
}

function changesOf(told: Told, group: AlertGroup, asMessageAlert: (alert: GroupAlert) => MessageAlert): MessageChanges {
  const { firing, closed, forgotten } = changesSince(told, group.alerts);
  const shown = (alerts: readonly GroupAlert[]): readonly MessageAlert[] =>
    best(alerts.map(rankAlert), MOST_CHANGES, byUrgency).map(({ alert }) => asMessageAlert(alert));
  return {
    firing: shown(firing),
    moreFiring: Math.max(0, firing.length - MOST_CHANGES),
    closed: shown(closed),
    moreClosed: Math.max(0, closed.length - MOST_CHANGES) + forgotten,
    ...(isNewEvidence(told, group) && { hasNewEvidence: true as const }),
    ...(told.revision < group.revision && told.revision >= newsOf(group) && { isEvidenceOnly: true as const }),
  };
}
