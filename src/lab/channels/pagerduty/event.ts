import { z } from "zod";

const SEVERITIES = ["critical", "warning", "error", "info"] as const;
const MOST_BYTES = 512 * 1024;
const MOST_SUMMARY = 1_024;
const MOST_DEDUP_KEY = 255;

const text = z.string().catch("");
const links = z
  .array(z.object({ href: z.string(), text: z.string().optional() }))
  .optional()
  .catch(undefined);
const payload = z
  .object({
    summary: text,
    source: text,
    severity: text,
    timestamp: z.string().optional().catch(undefined),
    component: z.string().optional().catch(undefined),
    group: z.string().optional().catch(undefined),
    class: z.string().optional().catch(undefined),
    custom_details: z.record(z.string(), z.unknown()).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
const event = z.object({
  routing_key: text,
  event_action: text,
  dedup_key: z.string().optional().catch(undefined),
  client: z.string().optional().catch(undefined),
  client_url: z.string().optional().catch(undefined),
  payload,
  links,
});

/** An event as PagerDuty reads it: what has another type counts as missing. */
export type PagerDutyEvent = z.output<typeof event>;

/** An event, or the sentences with which PagerDuty refuses it. */
export type ReadEvent =
  | { readonly event: PagerDutyEvent; readonly errors?: never }
  | { readonly status: 400 | 413; readonly errors: readonly string[]; readonly event?: never };

/**
 * Reads and checks the body of a request. `keys` are the routing keys that exist; without them every sound one does.
 */
export function readEvent(body: string, kind: "alert" | "change", keys: ReadonlySet<string> | undefined): ReadEvent {
  if (Buffer.byteLength(body) > MOST_BYTES) return { status: 413, errors: ["Event is larger than 512 KB"] };
  let parsed: ReturnType<typeof event.safeParse>;
  try {
    parsed = event.safeParse(JSON.parse(body));
  } catch {
    return { status: 400, errors: ["Request body is not valid JSON"] };
  }
  if (!parsed.success) return { status: 400, errors: ["Event is not an object"] };
  const errors = [
    ...keyErrors(parsed.data.routing_key, keys),
    ...(kind === "alert" ? alertErrors(parsed.data) : summaryErrors(parsed.data.payload)),
  ];
  return errors.length > 0 ? { status: 400, errors } : { event: parsed.data };
}

function keyErrors(key: string, keys: ReadonlySet<string> | undefined): readonly string[] {
  if (key === "") return ["'routing_key' is missing or blank"];
  const errors = [
    ...(key.length === 32 ? [] : ["Length of 'routing_key' is incorrect (should be 32 characters)"]),
    ...(/^[0-9A-Za-z]*$/.test(key) ? [] : ["'routing_key' cannot contain non-alphanumeric characters."]),
  ];
  return errors.length > 0 || keys === undefined || keys.has(key) ? errors : ["Invalid routing key"];
}

function alertErrors({ event_action: action, dedup_key: key = "", payload }: PagerDutyEvent): readonly string[] {
  if (!["trigger", "acknowledge", "resolve"].includes(action))
    return ["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"];
  return [
    ...(action !== "trigger" && key === "" ? ["'dedup_key' is missing or blank"] : []),
    ...(key.length > MOST_DEDUP_KEY ? [`'dedup_key' is too long (maximum is ${MOST_DEDUP_KEY} characters)`] : []),
    ...(action === "trigger" || payload !== undefined ? payloadErrors(payload) : []),
  ];
}

const payloadErrors = (payload: PagerDutyEvent["payload"]): readonly string[] => [
  ...summaryErrors(payload),
  ...(payload?.source ? [] : ["'payload.source' is missing or blank"]),
  ...severityErrors(payload?.severity ?? ""),
];

function summaryErrors(payload: PagerDutyEvent["payload"]): readonly string[] {
  const summary = payload?.summary ?? "";
  if (summary.trim() === "") return ["'payload.summary' is missing or blank"];
  const isLong = [...summary].length > MOST_SUMMARY;
  return isLong ? [`'payload.summary' is too long (maximum is ${MOST_SUMMARY} characters)`] : [];
}

function severityErrors(severity: string): readonly string[] {
  if (severity === "") return ["'payload.severity' is missing or blank"];
  if (SEVERITIES.some((known) => known === severity)) return [];
  return ["'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"];
}
