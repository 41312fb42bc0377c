import type { Notification } from "../../core/notification.ts";
import type { WebhookKind } from "../../core/webhook-receiver.ts";
import { readAlertmanagerWebhook } from "./alertmanager.ts";
import { BadNotification } from "./bad-notification.ts";
import { readGrafanaWebhook } from "./grafana.ts";
import type { Arrival } from "./read-group.ts";

/** What was read of a webhook's body. */
export interface ReadWebhook {
  readonly notification: Notification;
  /** The version that the body names, when its sender is not known to send this one. */
  readonly oddVersion?: string;
}

const VERSIONS: Readonly<Record<string, string>> = { alertmanager: "4", grafana: "1" };

/**
 * Reads a webhook's bytes. Grafana's are told from Alertmanager's by `orgId`, so that a contact point with the other
 * address loses nothing. Throws `BadNotification`.
 */
export function readWebhook(kind: WebhookKind, bytes: Buffer, arrival: Arrival): ReadWebhook {
  const body = parse(bytes);
  const isGrafana = kind === "grafana" || typeof fieldOf(body, "orgId") === "number";
  const notification = isGrafana ? readGrafanaWebhook(body, arrival) : readAlertmanagerWebhook(body, arrival);
  const version = fieldOf(body, "version");
  const isOdd = typeof version === "string" && version !== VERSIONS[notification.kind];
  return { notification, ...(isOdd && { oddVersion: version }) };
}

function parse(bytes: Buffer): unknown {
  try {
    // `__proto__` becomes a plain field here, and zod copies known fields and plain entries only
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new BadNotification(bytes.length === 0 ? "The body is empty." : "The body is not JSON.");
  }
}

const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
