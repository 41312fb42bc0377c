import type { Message, MessageAlert } from "../../core/message.ts";
import type { AlertLinks, TextMap } from "../../core/notification.ts";
import { clip, visible } from "../../lib/text.ts";
import { webAddress } from "../shared/link-texts.ts";
import { changeLines, closedText, moment, restText, statusWord, timing } from "../shared/wording.ts";

/** PagerDuty shows them all, one under the other: more than that nobody reads on a phone. */
const MOST_ALERTS = 20;
const MOST_LABELS = 40;
const MOST_EVIDENCE = 20;
/** No limit of PagerDuty's, but longer than any address that works everywhere. */
const MOST_URL = 2_000;

/**
 * A text as PagerDuty may have it, cut to that many characters: without control characters and halves of a character.
 */
export const field = (text: string, most: number): string =>
  // reads no more of a huge text than can be needed
  clip(visible(text.slice(0, most * 4).toWellFormed()).trim(), most);

/** A link that may be shown, since only `http` and `https` lead to nothing but a page; undefined when it may not. */
export function webLink(url: string | undefined): string | undefined {
  const address = url === undefined ? undefined : webAddress(url);
  return address !== undefined && address.length <= MOST_URL ? address : undefined;
}

/** All that the incident tells below its summary: free form, shown by PagerDuty as a table. */
export function detailsOf(message: Message): Readonly<Record<string, unknown>> {
  const alerts = message.alerts.slice(0, MOST_ALERTS);
  const rest = restText(message, alerts.length);
  const changes = changeLines(message);
  const sourceUrl = webLink(message.sourceUrl);
  const evidenceUrl = webLink(message.links.evidence);
  return {
    status: `${statusWord(message)}, ${timing(message)}`,
    ...(changes.length > 0 && { changed: changes.map((line) => field(line, 500)) }),
    alerts: alerts.map(alertDetails),
    ...(rest !== undefined && { not_shown: rest }),
    labels: shortMap({ ...message.commonLabels, ...message.groupLabels }),
    ...(message.evidence !== undefined && {
      evidence: message.evidence.slice(0, MOST_EVIDENCE).map((line) => field(line, 500)),
    }),
    ...(evidenceUrl !== undefined && { evidence_url: evidenceUrl }),
    source: field(message.source, 100),
    ...(sourceUrl !== undefined && { source_url: sourceUrl }),
  };
}

function alertDetails(alert: MessageAlert): Readonly<Record<string, unknown>> {
  const { startsAt, endsAt, value, description } = alert;
  return {
    name: field(alert.name, 200),
    state: alert.state === "firing" ? "firing" : field(closedText(alert), 200),
    summary: field(alert.summary, 500),
    ...(description !== undefined && { description: field(description, 1_000) }),
    severity: alert.severity,
    where: shortMap(alert.where),
    ...(value !== undefined && { value: field(value, 100) }),
    since: moment(startsAt),
    ...(endsAt !== undefined && { until: moment(endsAt) }),
    ...linkFields(alert.links),
  };
}

const shortMap = (texts: TextMap): TextMap =>
  Object.fromEntries(
    Object.entries(texts)
      .slice(0, MOST_LABELS)
      .map(([name, value]) => [field(name, 100), field(value, 300)]),
  );

function linkFields(links: AlertLinks): TextMap {
  const runbook = webLink(links.runbook);
  const dashboard = webLink(links.dashboard);
  return { ...(runbook !== undefined && { runbook }), ...(dashboard !== undefined && { dashboard }) };
}
