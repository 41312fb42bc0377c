import type { Message, MessageAlert, MessageSeverity } from "../../core/message.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { moment } from "../../lib/times.ts";

export { moment };

/** A link with its words. */
export interface NamedLink {
  readonly name: string;
  readonly url: string;
}

/** `FIRING:3` or `RESOLVED`, as people know it from Alertmanager. */
export const statusWord = ({ status, counts, kind }: Message): string => {
  if (kind === "test") return "TEST";
  return status === "resolved" ? "RESOLVED" : `FIRING:${counts.firing + counts.hidden}`;
};

/** The first line of a message: status and title. */
export const headline = (message: Message): string => `[${statusWord(message)}] ${oneLine(message.title)}`;

/** A length of time in words, such as `3 h 5 min`. */
export function lasting(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  const [d, h, m] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  return m > 0 ? `${m} min` : "less than a minute";
}

/** Since when it fires, or when it was over and how long it lasted. */
export const timing = ({ since, until }: Message): string =>
  until === undefined ? `since ${moment(since)}` : `over at ${moment(until)} after ${lasting(until - since)}`;

/** The labels that tell an alert from its neighbours, such as `instance=db-1, disk=sda`. */
export const whereText = ({ where }: MessageAlert): string =>
  Object.entries(where)
    .map(([label, value]) => `${oneLine(label)}=${oneLine(value)}`)
    .join(", ");

/** An alert's summary, and where it is unless the summary says so. */
export function alertLine(alert: MessageAlert): string {
  const summary = oneLine(alert.summary);
  const missing = Object.fromEntries(
    Object.entries(alert.where).filter(([, value]) => !summary.includes(oneLine(value))),
  );
  const where = whereText({ ...alert, where: missing });
  const value = alert.value === undefined ? "" : ` (value ${oneLine(alert.value)})`;
  return `${summary}${where === "" ? "" : ` [${where}]`}${value}`;
}

/** Why an alert is closed: `resolved`, or the reason given by whoever closed it. */
export const closedText = ({ state, closedBecause }: MessageAlert): string => oneLine(closedBecause ?? state);

/** What changed since the last message, a sentence each; nothing when nothing did, or when there was no message. */
export function changeLines({ changes }: Message): readonly string[] {
  if (changes === undefined) return [];
  const more = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`and ${count} more ${what}`]);
  return [
    ...changes.firing.map((alert) => `New: ${clip(alertLine(alert), 300)}`),
    ...more(changes.moreFiring, "new"),
    ...changes.closed.map((alert) => `Over (${clip(closedText(alert), 120)}): ${clip(alertLine(alert), 300)}`),
    ...more(changes.moreClosed, "over"),
  ];
}

/**
 * How many alerts are not shown, in words; undefined when all are. `shown` is how many of `alerts` the channel shows.
 */
export function restText(message: Message, shown: number): string | undefined {
  const rest = message.alerts.length - shown + message.moreAlerts;
  const parts = [
    ...(rest > 0 ? [`${rest} more ${rest === 1 ? "alert" : "alerts"}`] : []),
    ...(message.counts.hidden > 0 ? [`${message.counts.hidden} that the sender left out`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(", and ");
}

/** The links of the whole group, the most useful first. */
export function namedLinks({ links, sourceUrl }: Message): readonly NamedLink[] {
  const of = (name: string, url: string | undefined): readonly NamedLink[] =>
    url === undefined ? [] : [{ name, url }];
  return [
    ...of("Runbook", links.runbook),
    ...of("Evidence", links.evidence),
    ...of("Dashboard", links.dashboard),
    ...of("Silence", links.silence),
    ...of("Source", links.source ?? sourceUrl),
    ...of("Watchkeeper", links.watchkeeper),
  ];
}

/** A sign for a severity that is seen before it is read; a closed group has its own. */
export function symbol({ status, severity, kind }: Message): string {
  if (kind === "test") return "🔧";
  if (status === "resolved") return "✅";
  return ({ critical: "🔥", error: "🔴", warning: "🟠", info: "🔵" } satisfies Record<MessageSeverity, string>)[
    severity
  ];
}
