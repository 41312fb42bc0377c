import { createHash } from "node:crypto";

/** One alert that a fake Alertmanager tells of. */
export interface WebhookAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly isFiring?: boolean;
  /** Unix milliseconds. */
  readonly startsAt?: number;
  readonly endsAt?: number;
}

/** What a fake Alertmanager's notification tells, beside its alerts. */
export interface WebhookOptions {
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly receiver?: string;
  readonly truncatedAlerts?: number;
  readonly reason?: string;
}

/** The body of a webhook as Alertmanager 0.33 sends it. */
export function alertmanagerWebhook(alerts: readonly WebhookAlert[], options: WebhookOptions): object {
  const { groupLabels, receiver = "watchkeeper", truncatedAlerts = 0, reason } = options;
  const told = alerts.map(({ labels, annotations = {}, isFiring = true, startsAt = 1_795_000_000_000, endsAt }) => ({
    status: isFiring ? "firing" : "resolved",
    labels,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: isFiring ? "0001-01-01T00:00:00Z" : new Date(endsAt ?? startsAt + 1_000).toISOString(),
    generatorURL: "http://prometheus.test:9090/graph?g0.expr=up",
    fingerprint: createHash("sha256")
      .update(JSON.stringify(Object.entries(labels).toSorted()))
      .digest("hex")
      .slice(0, 16),
  }));
  const key = Object.entries(groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return {
    version: "4",
    groupKey: `{}:{${key.join(", ")}}`,
    truncatedAlerts,
    status: alerts.some(({ isFiring = true }) => isFiring) ? "firing" : "resolved",
    receiver,
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations = {} }) => annotations)),
    externalURL: "http://alertmanager.test:9093",
    ...(reason !== undefined && { notification_reason: reason }),
    alerts: told,
  };
}

function common(maps: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = maps;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value)),
  );
}
