import type { GroupEvidence } from "./evidence.ts";
import type { AlertLinks, NotificationKind, TextMap } from "./notification.ts";

/**
 * What is known of an alert. Only `firing` is open; the others say why it is closed: `resolved` by its sender,
 * `silenced` or `inhibited` in Alertmanager, `gone` when Alertmanager has it no longer though it never said so,
 * `rerouted` when the routes of this configuration lead it elsewhere now.
 */
export const ALERT_STATES = ["firing", "resolved", "silenced", "inhibited", "gone", "rerouted"] as const;

/** One of {@link ALERT_STATES}. */
export type AlertState = (typeof ALERT_STATES)[number];

/** The `route` of a group that sums up a storm: many groups that one destination would have been told of one by one. */
export const STORM_ROUTE = "storm";

/**
 * The most urgent priority that a storm sums up: groups above it, which are critical, are told one by one in any storm.
 */
export const STORM_PRIORITY = 1;

/** One alert of a group. Times are Unix milliseconds. */
export interface GroupAlert {
  readonly fingerprint: string;
  readonly state: AlertState;
  readonly labels: TextMap;
  readonly annotations: TextMap;
  readonly startsAt: number;
  /** When it ended by its sender's clock; absent while it fires. */
  readonly endsAt?: number;
  /** When it was closed here; absent while it fires. */
  readonly closedAt?: number;
  /** Why it was closed, for people, such as `silenced until 14:00 UTC: disk is being replaced`. */
  readonly closedBecause?: string;
  readonly links: AlertLinks;
  readonly value?: string;
  /** Hash of the sender's group that reported it: two of them may meet in one group here. */
  readonly origin: string;
  /** When a notification last named it. */
  readonly seenAt: number;
}

/**
 * The state of one group of alerts that are told of together: the level to which every destination is brought. A plain
 * document, replaced as a whole; `revision` grows whenever a reader would see a difference.
 */
export interface AlertGroup {
  /** 64 hexadecimal digits, from source, route and group; the same in every replica. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly source: string;
  /** Id of the route that made the group. */
  readonly route: string;
  readonly receiver: string;
  /** The sender's own key of the group; of a group that a route regrouped, a key made from its labels. */
  readonly groupKey: string;
  /** The labels that are equal in all of its alerts because it is grouped by them. */
  readonly labels: TextMap;
  readonly externalUrl?: string;
  readonly alerts: readonly GroupAlert[];
  /**
   * For each sender's group (by its hash) how many of its alerts were left out of the newest notification; none is 0.
   */
  readonly truncated: Readonly<Record<string, number>>;
  /** From 1. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the sender last repeated a notification that changed nothing; absent before that. */
  readonly remindedAt?: number;
  /** What was found about it; of the time that it is open, gone when it fires anew. */
  readonly evidence?: GroupEvidence;
  /** The revisions from `first` to `last` only brought evidence; of no interest once `last` is not the newest one. */
  readonly evidenceOnly?: { readonly first: number; readonly last: number };
  /** W3C trace context of the newest notification that changed it. */
  readonly traceparent?: string;
}

/** The newest revision that brought more than evidence. */
export const newsOf = ({ revision, evidenceOnly }: Pick<AlertGroup, "revision" | "evidenceOnly">): number =>
  evidenceOnly?.last === revision ? evidenceOnly.first - 1 : revision;

/** How many alerts of the group nothing is known of, because the sender left them out. */
export const hiddenAlerts = (group: Pick<AlertGroup, "truncated">): number =>
  Object.values(group.truncated).reduce((sum, count) => sum + count, 0);

/**
 * Whether something of the group still fires; alerts that were left out count as firing, because nobody said otherwise.
 */
export const isOpen = (group: Pick<AlertGroup, "alerts" | "truncated">): boolean =>
  hiddenAlerts(group) > 0 || group.alerts.some(({ state }) => state === "firing");
