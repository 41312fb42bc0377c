import type { AlertLinks, TextMap } from "./notification.ts";
import type { AlertState } from "./alert-group.ts";

/** How urgent a message is; every sender's severities are mapped to these. */
export const MESSAGE_SEVERITIES = ["critical", "error", "warning", "info"] as const;

/** One of {@link MESSAGE_SEVERITIES}. */
export type MessageSeverity = (typeof MESSAGE_SEVERITIES)[number];

/** One alert as it is told to people; texts are still hostile: every notifier escapes them for its channel. */
export interface MessageAlert {
  readonly fingerprint: string;
  readonly state: AlertState;
  /** `alertname`, or the first label that tells something. */
  readonly name: string;
  /** Annotation `summary`, or the best there is; never empty. */
  readonly summary: string;
  readonly description?: string;
  readonly severity: MessageSeverity;
  /** The labels that are not equal in the whole group: what tells this alert from its neighbours. */
  readonly where: TextMap;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly endsAt?: number;
  readonly closedBecause?: string;
  readonly value?: string;
  readonly links: AlertLinks;
}

/** What is different from the last message that this destination got about the group. */
export interface MessageChanges {
  /** Alerts that fire now and did not, by name and where; at most 10, `moreFiring` counts the rest. */
  readonly firing: readonly MessageAlert[];
  readonly moreFiring: number;
  readonly closed: readonly MessageAlert[];
  readonly moreClosed: number;
  /** Evidence is told that was not told before, and that tells something. */
  readonly hasNewEvidence?: true;
  /** Nothing but evidence came since, whatever it says. */
  readonly isEvidenceOnly?: true;
}

/** Where a message leads; the pages are Watchkeeper's own. */
export interface MessageLinks extends AlertLinks {
  readonly watchkeeper: string;
  readonly evidence?: string;
}

/**
 * What is to be told about one group, the same for every channel. A notifier renders it within its channel's limits; it
 * chooses no facts of its own.
 */
export interface Message {
  /** `storm` sums up many groups; `test` was asked for by a person. */
  readonly kind: "alert" | "storm" | "test";
  /** Whether something still fires. */
  readonly status: "firing" | "resolved";
  /** The worst of what fires; of a closed group, the worst that fired. */
  readonly severity: MessageSeverity;
  /** One line for a phone: what, and where. Never empty; at most 250 characters. */
  readonly title: string;
  /** Alerts, open ones first, the worst and newest of them at the top; at most 50, `moreAlerts` counts the rest. */
  readonly alerts: readonly MessageAlert[];
  readonly moreAlerts: number;
  readonly counts: {
    readonly firing: number;
    readonly closed: number;
    /** Alerts of the group that the sender left out. */
    readonly hidden: number;
  };
  /** Equal in all alerts of the group. */
  readonly commonLabels: TextMap;
  readonly groupLabels: TextMap;
  /** When the oldest alert that fires began; of a closed group, when its oldest alert began. Unix milliseconds. */
  readonly since: number;
  /** When the last alert ended; absent while something fires. */
  readonly until?: number;
  /** Absent from the first message of an episode. */
  readonly changes?: MessageChanges;
  /**
   * The links that hold for the whole group; `watchkeeper` is this service's own page of it, `evidence` that of
   * {@link Message.evidence}.
   */
  readonly links: MessageLinks;
  /** Name of the source in the configuration. */
  readonly source: string;
  readonly sourceUrl?: string;
  /** The sender's own key of the group, for keys that must be equal to Alertmanager's, such as PagerDuty's. */
  readonly groupKey: string;
  /** The group's revision that this message tells. */
  readonly revision: number;
  /** What was found about the alert (logs, traces, changes), when it came in time; plain lines. */
  readonly evidence?: readonly string[];
  /** All that {@link Message.evidence} tells is that nothing stands out. */
  readonly foundNothing?: true;
}
