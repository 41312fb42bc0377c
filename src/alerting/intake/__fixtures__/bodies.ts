import { readFile } from "node:fs/promises";
import type { Arrival } from "../read-group.ts";
import { readWebhook, type ReadWebhook } from "../read-webhook.ts";

/** The body of a real notification, as it was captured. */
export const fixture = (name: string): Promise<Buffer> => readFile(new URL(`${name}.json`, import.meta.url));

export const arrival: Arrival = { source: "main", receivedAt: 1_800_000_000_000, traceparent: undefined };

export const read = (body: unknown, kind: "alertmanager" | "grafana" = "alertmanager"): ReadWebhook =>
  readWebhook(kind, Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)), arrival);

/** The least that Alertmanager sends. */
export const least = (over: Record<string, unknown> = {}, ...alerts: readonly Record<string, unknown>[]) => ({
  version: "4",
  groupKey: "{}:{}",
  receiver: "chat",
  externalURL: "http://am.example.org:9093",
  alerts: (alerts.length === 0 ? [{}] : alerts).map((one) => ({
    status: "firing",
    labels: { alertname: "NodeDown" },
    annotations: {},
    startsAt: "2026-01-31T12:00:00Z",
    endsAt: "0001-01-01T00:00:00Z",
    ...one,
  })),
  ...over,
});
