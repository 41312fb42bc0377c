import { createHash } from "node:crypto";
import type { AlertLinks, ReportedAlert, TextMap } from "../../core/notification.ts";
import { clip, clipBytes } from "../../lib/text.ts";
import type { AlertBody } from "./webhook-shape.ts";

const MOST_TEXTS = 100;
const MOST_NAME_BYTES = 1024;
const MOST_LABEL_BYTES = 4 * 1024;
const MOST_ANNOTATION_BYTES = 64 * 1024;
const MOST_VALUE = 256;
const MOST_URL = 8 * 1024;

/** Kept when there are too many, because routes and messages are made of them. */
const ESSENTIAL = new Set(["alertname", "severity", "priority", "summary", "description", "runbook_url"]);

/** The links of an alert, checked by {@link webLink}, and its value. */
export interface AlertExtras {
  readonly source: string | undefined;
  readonly dashboard: string | undefined;
  readonly silence: string | undefined;
  readonly value: string | undefined;
}

/** An alert whose shape is checked, within bounds: what is too long or too much is cut off, never refused. */
export function readAlert(body: AlertBody, extras: AlertExtras): ReportedAlert {
  const annotations = readTexts(body.annotations ?? {}, MOST_ANNOTATION_BYTES);
  const endsAt = body.status === "resolved" ? (body.endsAt ?? 0) : 0;
  return {
    fingerprint: readFingerprint(body),
    status: body.status,
    labels: readLabels(body.labels),
    annotations,
    startsAt: body.startsAt,
    ...(endsAt > 0 && { endsAt }),
    links: readLinks(annotations, extras),
    ...(extras.value !== undefined && extras.value !== "" && { value: clip(extras.value, MOST_VALUE) }),
  };
}

/** Labels within bounds. */
export const readLabels = (labels: TextMap): TextMap => readTexts(labels, MOST_LABEL_BYTES);

function readTexts(texts: TextMap, mostBytes: number): TextMap {
  const read: Record<string, string> = {};
  for (const [name, text] of mostTelling(Object.entries(texts)))
    read[clipBytes(name, MOST_NAME_BYTES)] = clipBytes(text, mostBytes);
  return read;
}

function mostTelling(entries: readonly [string, string][]): readonly [string, string][] {
  if (entries.length <= MOST_TEXTS) return entries;
  const rank = ([name]: readonly [string, string]): number => (ESSENTIAL.has(name) ? 0 : 1);
  return entries.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_TEXTS);
}

/** A sender's own fingerprint may be of any length; one that has none gets it from its labels, as Alertmanager does. */
function readFingerprint({ fingerprint, labels }: AlertBody): string {
  if (typeof fingerprint === "string" && /^[\w-]{1,64}$/.test(fingerprint)) return fingerprint;
  const identity = fingerprint || JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

function readLinks(annotations: TextMap, { source, dashboard, silence }: AlertExtras): AlertLinks {
  const runbook = webLink(annotations["runbook_url"]);
  const board = dashboard ?? webLink(annotations["dashboard_url"]);
  return {
    ...(source !== undefined && { source }),
    ...(runbook !== undefined && { runbook }),
    ...(board !== undefined && { dashboard: board }),
    ...(silence !== undefined && { silence }),
  };
}

/**
 * The URL, when it is one that a person may follow: absolute (after `base`), `http` or `https`, and of a sane length.
 */
export function webLink(text: string | null | undefined, base?: string): string | undefined {
  if (!text) return undefined;
  const url = URL.parse(text, base);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  return url.href.length > MOST_URL ? undefined : url.href;
}
