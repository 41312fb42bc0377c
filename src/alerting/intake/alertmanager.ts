import { z } from "zod";
import type { Notification, TextMap } from "../../core/notification.ts";
import { badShape } from "./bad-notification.ts";
import { readAlert, webLink } from "./read-alert.ts";
import { readGroup, type Arrival } from "./read-group.ts";
import { alertShape, groupShape } from "./webhook-shape.ts";

const bodyShape = groupShape.extend({ alerts: z.array(alertShape, "expected a list") });

const HINT =
  "When the webhook_config has a `payload` of its own, take it out: Watchkeeper reads Alertmanager's own form.";

/**
 * A longer link is cut off on its way by browsers and chats, and a silence with fewer matchers would silence too much.
 */
const MOST_SILENCE_URL = 4_000;

/**
 * Reads the body of Alertmanager's webhook, version 4, of any version from 0.15 on; unknown fields are let be. Throws
 * `BadNotification` with the place of the first fault.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function readAlertmanagerWebhook(body: unknown, arrival: Arrival): Notification {
  const read = bodyShape.safeParse(body);
  if (!read.success) throw badShape("a notification of Alertmanager (version 4)", read.error.issues, HINT);
  const silences = silencesPage(read.data.externalURL);
  return readGroup("alertmanager", read.data, arrival, (alert) =>
    readAlert(alert, {
      source: webLink(alert.generatorURL),
      dashboard: undefined,
      silence: silences && silenceLink(silences, alert.labels),
      value: alert.annotations?.["value"],
    }),
  );
}

/** Where Alertmanager's own pages begin; undefined when its address is not for people. */
function silencesPage(externalUrl: string | null | undefined): string | undefined {
  const link = webLink(externalUrl);
  if (link === undefined) return undefined;
  const { origin, pathname } = new URL(link);
  return `${origin}${pathname.replace(/\/+$/, "")}/#/silences/new?filter=`;
}

function silenceLink(page: string, labels: TextMap): string | undefined {
  const matchers = Object.entries(labels).map(([name, value]) => `${matcherName(name)}=${JSON.stringify(value)}`);
  const link = page + encodeURIComponent(`{${matchers.join(", ")}}`.toWellFormed());
  return link.length > MOST_SILENCE_URL ? undefined : link;
}

const matcherName = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
