import type { Notification, NotificationKind, ReportedAlert } from "../../core/notification.ts";
import { clip } from "../../lib/text.ts";
import { readLabels, webLink } from "./read-alert.ts";
import type { GroupBody } from "./webhook-shape.ts";

/** How a notification came. */
export interface Arrival {
  /** Name of the source in the configuration. */
  readonly source: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** W3C trace context of the request, when it had one. */
  readonly traceparent: string | undefined;
}

const MOST_ALERTS = 20_000;
const MOST_REASON = 200;

/** A webhook whose shape is checked. Alerts above 20,000 count as truncated: nothing is known of them either. */
export function readGroup<Alert>(
  kind: NotificationKind,
  body: GroupBody & { readonly alerts: readonly Alert[] },
  { source, receivedAt, traceparent }: Arrival,
  read: (alert: Alert) => ReportedAlert,
): Notification {
  const externalUrl = webLink(body.externalURL);
  const reason = body.notification_reason;
  return {
    kind,
    source,
    receiver: unquote(body.receiver ?? ""),
    groupKey: body.groupKey,
    groupLabels: readLabels(body.groupLabels ?? {}),
    ...(externalUrl !== undefined && { externalUrl }),
    alerts: body.alerts.slice(0, MOST_ALERTS).map(read),
    truncatedAlerts: (body.truncatedAlerts ?? 0) + Math.max(0, body.alerts.length - MOST_ALERTS),
    ...(reason && { reason: clip(reason, MOST_REASON) }),
    receivedAt,
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** The receiver's name arrives as a pattern that matches it, from Grafana too: `team.a` as `team\.a`. */
const unquote = (receiver: string): string => receiver.replaceAll(/\\([\\.+*?()|[\]{}^$])/g, "$1");
