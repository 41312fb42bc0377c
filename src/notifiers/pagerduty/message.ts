import { createHash } from "node:crypto";
import type { Message, MessageSeverity } from "../../core/message.ts";
import type { TextMap } from "../../core/notification.ts";
import { namedLinks } from "../shared/wording.ts";
import { detailsOf, field, webLink } from "./details.ts";

/** Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const MOST_SUMMARY = 1_024;
/** As Alertmanager counts the documented 512 KB, less the routing key, which is added later. */
const MOST_BYTES = 512_000 - 100;
const REMOVED = "Left out, because the event was larger than PagerDuty takes (512 KB).";

interface Link {
  readonly href: string;
  readonly text: string;
}

/** An event about an incident, without its routing key. */
export interface AlertEvent {
  readonly event_action: "trigger" | "resolve";
  readonly dedup_key: string;
  readonly payload: {
    readonly summary: string;
    readonly source: string;
    readonly severity: MessageSeverity;
    readonly timestamp: string;
    readonly component?: string;
    readonly group?: string;
    readonly class?: string;
    readonly custom_details?: Readonly<Record<string, unknown>>;
  };
  readonly client: string;
  readonly client_url?: string;
  readonly links?: readonly Link[];
}

/**
 * A change event, without its routing key. Source:
 * https://developer.pagerduty.com/docs/events-api-v2/send-change-events/
 */
export interface ChangeEvent {
  readonly payload: Pick<AlertEvent["payload"], "summary" | "source" | "timestamp" | "custom_details">;
  readonly links?: readonly Link[];
}

/** How a message is told as an incident. */
export interface AlertEventOptions {
  readonly action: "trigger" | "resolve";
  readonly dedupKey: string;
  readonly client: string;
  /** Only what PagerDuty requires. */
  readonly plain: boolean;
}

/** The key of a group's incident, equal to the one that Alertmanager itself would send. */
export const dedupKeyOf = ({ groupKey }: Message): string => createHash("sha256").update(groupKey).digest("hex");

/** The event that opens, updates or resolves the incident of a message. */
export function alertEvent(message: Message, { action, dedupKey, client, plain }: AlertEventOptions): AlertEvent {
  const page = webLink(message.links.watchkeeper);
  const core = { event_action: action, dedup_key: dedupKey, client };
  const payload = { ...basics(message), severity: message.severity };
  if (plain) return { ...core, payload };
  return withinLimit({
    ...core,
    ...(page !== undefined && { client_url: page }),
    payload: { ...payload, ...traits(message), custom_details: detailsOf(message) },
    links: linksOf(message),
  });
}

/** The event that tells a message as a change. */
export function changeEvent(message: Message, plain: boolean): ChangeEvent {
  const payload = basics(message);
  if (plain) return { payload };
  return withinLimit({ payload: { ...payload, custom_details: detailsOf(message) }, links: linksOf(message) });
}

/** The number of firing alerts is not in the summary, because the title of an incident stays as it was opened. */
function basics(message: Message): Pick<AlertEvent["payload"], "summary" | "source" | "timestamp"> {
  return {
    summary: field(message.kind === "test" ? `[TEST] ${message.title}` : message.title, MOST_SUMMARY) || "alert",
    source: firstLabel(message, ["instance", "host", "hostname", "node", "target"]) ?? field(message.source, 255),
    timestamp: new Date(message.since).toISOString(),
  };
}

function traits(message: Message): Pick<AlertEvent["payload"], "component" | "group" | "class"> {
  const component = firstLabel(message, ["component", "service", "job"]);
  const group = firstLabel(message, ["cluster", "namespace", "environment", "team"]);
  const kind = firstLabel(message, ["alertname"]);
  return {
    ...(component !== undefined && { component }),
    ...(group !== undefined && { group }),
    ...(kind !== undefined && { class: kind }),
  };
}

function firstLabel({ commonLabels, groupLabels }: Message, names: readonly string[]): string | undefined {
  const labels: TextMap = { ...groupLabels, ...commonLabels };
  return names.map((name) => field(labels[name] ?? "", 255)).find((value) => value !== "");
}

const linksOf = (message: Message): readonly Link[] =>
  namedLinks(message).flatMap(({ name, url }) => {
    const href = webLink(url);
    return href === undefined ? [] : [{ href, text: name }];
  });

function withinLimit<E extends AlertEvent | ChangeEvent>(event: E): E {
  if (Buffer.byteLength(JSON.stringify(event)) <= MOST_BYTES) return event;
  return { ...event, payload: { ...event.payload, custom_details: { note: REMOVED } } };
}
