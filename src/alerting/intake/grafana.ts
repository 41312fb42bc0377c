import { z } from "zod";
import type { Notification } from "../../core/notification.ts";
import { badShape } from "./bad-notification.ts";
import { readAlert, webLink } from "./read-alert.ts";
import { readGroup, type Arrival } from "./read-group.ts";
import { alertShape, groupShape } from "./webhook-shape.ts";

const link = z.string("expected a text").nullish();

const grafanaAlertShape = alertShape.extend({
  silenceURL: link,
  dashboardURL: link,
  panelURL: link,
  values: z.record(z.string(), z.unknown(), "expected an object").nullish(),
  valueString: z.string("expected a text").nullish(),
});

const bodyShape = groupShape.extend({ alerts: z.array(grafanaAlertShape, "expected a list") });

type GrafanaAlert = z.infer<typeof grafanaAlertShape>;

const HINT = "When the contact point has a custom payload, take it out: Watchkeeper reads Grafana's own form.";

/**
 * Reads the body of the webhook of a Grafana contact point; unknown fields are let be. Throws `BadNotification` with
 * the place of the first fault.
 * Source:
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export function readGrafanaWebhook(body: unknown, arrival: Arrival): Notification {
  const read = bodyShape.safeParse(body);
  if (!read.success) throw badShape("a notification of Grafana", read.error.issues, HINT);
  const base = baseUrl(read.data.externalURL);
  return readGroup("grafana", read.data, arrival, (alert) =>
    readAlert(alert, {
      // a test notification has a link such as `?orgId=1`
      source: webLink(alert.generatorURL, base),
      dashboard: webLink(alert.panelURL, base) ?? webLink(alert.dashboardURL, base),
      silence: webLink(alert.silenceURL, base),
      value: printValues(alert),
    }),
  );
}

/** Without a slash at its end the last part of a path such as `/grafana` would be replaced by a relative link. */
function baseUrl(externalUrl: string | null | undefined): string | undefined {
  const url = webLink(externalUrl);
  return url === undefined || url.endsWith("/") ? url : `${url}/`;
}

/** The numbers by the names of their expressions, or the sentence that Grafana makes of them. */
function printValues({ values, valueString }: GrafanaAlert): string | undefined {
  const numbers = Object.entries(values ?? {}).filter(([, value]) => typeof value === "number");
  const [first] = numbers;
  if (first === undefined) return valueString ?? undefined;
  if (numbers.length === 1) return String(first[1]);
  return numbers
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(", ");
}
