/**
 * Which program's webhook a notification came by; `internal` is Watchkeeper's own, such as a source that fell silent.
 */
export type NotificationKind = "alertmanager" | "grafana" | "internal";

/** Labels or annotations. All texts are hostile: whoever can write a rule or a metric's label chooses them. */
export type TextMap = Readonly<Record<string, string>>;

/** One alert of a notification, as its sender tells it. Times are Unix milliseconds. */
export interface ReportedAlert {
  /** Names the alert among all of its source; the sender's own, or a hash of the labels. */
  readonly fingerprint: string;
  readonly status: "firing" | "resolved";
  readonly labels: TextMap;
  readonly annotations: TextMap;
  readonly startsAt: number;
  /** Absent while the alert fires: Alertmanager then sends the zero time. */
  readonly endsAt?: number;
  readonly links: AlertLinks;
  /** The measured value as the sender prints it; absent when it says none. */
  readonly value?: string;
}

/** Where a person can look further; each is an absolute `http` or `https` URL, or absent. */
export interface AlertLinks {
  /** The rule's expression in Prometheus, or the rule in Grafana. */
  readonly source?: string;
  readonly runbook?: string;
  readonly dashboard?: string;
  readonly silence?: string;
}

/**
 * One webhook of Alertmanager or Grafana, in one form: the state of one of the sender's groups.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export interface Notification {
  readonly kind: NotificationKind;
  /** Name of the source in the configuration; replicas of one Alertmanager cluster share one. */
  readonly source: string;
  readonly receiver: string;
  /** The sender's own key of the group; of any length. */
  readonly groupKey: string;
  readonly groupLabels: TextMap;
  /** The sender's address for people; absent when it is not an `http` or `https` URL. */
  readonly externalUrl?: string;
  readonly alerts: readonly ReportedAlert[];
  /** Alerts of the group that were left out of this notification; when not 0 nothing is known of them. */
  readonly truncatedAlerts: number;
  /** Why it was sent, such as `repeat interval elapsed`; absent before Alertmanager 0.32. */
  readonly reason?: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** W3C trace context of the request. */
  readonly traceparent?: string;
}
