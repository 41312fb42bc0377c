import type { Message, MessageAlert, MessageChanges, MessageLinks, MessageSeverity } from "../../core/message.ts";
import type { TextMap } from "../../core/notification.ts";
import type { DeliveryAction, DeliveryRequest } from "../../core/notifier.ts";
import { clip } from "../../lib/text.ts";

/** An alert of the document; times are ISO 8601 in UTC. */
interface WebhookAlert extends Omit<MessageAlert, "startsAt" | "endsAt"> {
  readonly startsAt: string;
  readonly endsAt?: string;
}

/** {@link MessageChanges} with {@link WebhookAlert}s. */
interface WebhookChanges extends Omit<MessageChanges, "firing" | "closed"> {
  readonly firing: readonly WebhookAlert[];
  readonly closed: readonly WebhookAlert[];
}

/**
 * The document that is posted. Its fields are described in this folder's README; a field may be added in version 1,
 * none changes its meaning.
 */
export interface WebhookBody {
  readonly version: "1";
  readonly action: DeliveryAction;
  readonly kind: Message["kind"];
  readonly status: Message["status"];
  readonly severity: MessageSeverity;
  readonly title: string;
  readonly since: string;
  readonly until?: string;
  readonly counts: Message["counts"];
  readonly changes?: WebhookChanges;
  readonly alerts: readonly WebhookAlert[];
  readonly moreAlerts: number;
  readonly labels: { readonly common: TextMap; readonly group: TextMap };
  readonly links: MessageLinks;
  readonly source: string;
  readonly sourceUrl?: string;
  readonly groupKey: string;
  readonly evidence: readonly string[];
  readonly foundNothing?: true;
  readonly thread: string;
  readonly revision: number;
  readonly idempotencyKey: string;
}

/** The largest body. */
export const BODY_BYTES = 1024 * 1024;
const GROUP_KEY_CHARACTERS = 10_000;

/**
 * The document as the very text that is sent and signed, at most {@link BODY_BYTES}: alerts are left out from the end
 * and counted in `moreAlerts`; if that is not enough, changes, evidence and labels are left out too. The plain form
 * starts there.
 */
export function webhookText(request: DeliveryRequest): string {
  const full = webhookBody(request);
  if (request.plain) return JSON.stringify(bare(full));
  const whole = JSON.stringify(full);
  if (Buffer.byteLength(whole) <= BODY_BYTES) return whole;
  const fewer = withFewerAlerts(full);
  return JSON.stringify(fewer ?? bare(full));
}

function webhookBody({ action, message, threadKey, idempotencyKey }: DeliveryRequest): WebhookBody {
  const { since, until, changes, alerts, commonLabels, groupLabels, evidence, ...rest } = message;
  return {
    version: "1",
    action,
    ...rest,
    since: time(since),
    ...(until !== undefined && { until: time(until) }),
    ...(changes !== undefined && { changes: webhookChanges(changes) }),
    alerts: alerts.map(webhookAlert),
    labels: { common: commonLabels, group: groupLabels },
    evidence: evidence ?? [],
    thread: threadKey,
    idempotencyKey,
  };
}

const webhookChanges = ({ firing, closed, ...more }: MessageChanges): WebhookChanges => ({
  ...more,
  firing: firing.map(webhookAlert),
  closed: closed.map(webhookAlert),
});

const webhookAlert = ({ startsAt, endsAt, ...rest }: MessageAlert): WebhookAlert => ({
  ...rest,
  startsAt: time(startsAt),
  ...(endsAt !== undefined && { endsAt: time(endsAt) }),
});

const time = (unixMs: number): string => new Date(unixMs).toISOString();

/** As many alerts as fit; undefined when what is left without any is too large already. */
function withFewerAlerts(body: WebhookBody): WebhookBody | undefined {
  const without = (kept: number): WebhookBody => ({
    ...body,
    alerts: body.alerts.slice(0, kept),
    moreAlerts: body.moreAlerts + body.alerts.length - kept,
  });
  const room = BODY_BYTES - Buffer.byteLength(JSON.stringify(without(0)));
  if (room < 0) return undefined;
  let [size, kept] = [0, 0];
  for (const alert of body.alerts) {
    size += Buffer.byteLength(JSON.stringify(alert)) + 1;
    if (size > room) break;
    kept += 1;
  }
  return without(kept);
}

function bare(body: WebhookBody): object {
  return {
    ...body,
    changes: undefined,
    alerts: [],
    moreAlerts: body.moreAlerts + body.alerts.length,
    labels: { common: {}, group: {} },
    links: { watchkeeper: body.links.watchkeeper },
    evidence: [],
    foundNothing: undefined,
    groupKey: clip(body.groupKey, GROUP_KEY_CHARACTERS),
  };
}
