import { createHash } from "node:crypto";
import { request } from "undici";
import type { IncidentAlert } from "./script.ts";

/** An alert with its times, in Unix milliseconds; without an end it fires. */
export interface TimedAlert extends IncidentAlert {
  readonly startsAt: number;
  readonly endsAt?: number;
}

/** Brings alerts to Watchkeeper. */
export interface IncidentSender {
  /** Tells of all alerts of the incident, those that ended included. Rejects when that fails. */
  send(alerts: readonly TimedAlert[]): Promise<void>;
}

/**
 * Hands alerts to a real Alertmanager, which sends its webhooks by itself.
 * Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export function alertmanagerSender(url: string): IncidentSender {
  return {
    async send(alerts) {
      const body = alerts.map(({ labels, annotations, startsAt, endsAt }) => ({
        labels,
        annotations,
        startsAt: new Date(startsAt).toISOString(),
        ...(endsAt !== undefined && { endsAt: new Date(endsAt).toISOString() }),
      }));
      await post(`${url}/api/v2/alerts`, body);
    },
  };
}

/**
 * Posts the very webhooks that Alertmanager would, a group for each `alertname`; a group that was told as over is told
 * no more.
 */
export function webhookSender(url: string): IncidentSender {
  const over = new Set<string>();
  return {
    async send(alerts) {
      for (const [name, group] of Map.groupBy(alerts, ({ labels }) => labels["alertname"] ?? "")) {
        const key = `${name} ${group.map(({ startsAt }) => startsAt).join()}`;
        if (over.has(key)) continue;
        await post(url, webhookOf(name, group));
        if (group.every(({ endsAt }) => endsAt !== undefined)) over.add(key);
      }
    },
  };
}

async function post(url: string, body: unknown): Promise<void> {
  const answer = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${url} was answered ${answer.statusCode}: ${text}`);
}

function webhookOf(alertname: string, alerts: readonly TimedAlert[]): object {
  return {
    version: "4",
    groupKey: `{}:{alertname=${JSON.stringify(alertname)}}`,
    truncatedAlerts: 0,
    status: alerts.some(({ endsAt }) => endsAt === undefined) ? "firing" : "resolved",
    receiver: "watchkeeper",
    groupLabels: { alertname },
    commonLabels: commonOf(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonOf(alerts.map(({ annotations }) => annotations)),
    externalURL: "http://alertmanager.example.org:9093",
    alerts: alerts.map(({ labels, annotations, startsAt, endsAt }) => ({
      status: endsAt === undefined ? "firing" : "resolved",
      labels,
      annotations,
      startsAt: new Date(startsAt).toISOString(),
      endsAt: endsAt === undefined ? "0001-01-01T00:00:00Z" : new Date(endsAt).toISOString(),
      generatorURL: "http://prometheus.example.org:9090/graph",
      fingerprint: createHash("sha256").update(JSON.stringify(labels)).digest("hex").slice(0, 16),
    })),
  };
}

function commonOf(maps: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const [first = {}, ...others] = maps;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value)),
  );
}
