import type { Message, MessageAlert, MessageSeverity } from "../../core/message.ts";
import type { AlertLinks } from "../../core/notification.ts";
import { clip, oneLine, visible } from "../../lib/text.ts";
import { webAddress } from "../shared/link-texts.ts";
import {
  changeLines,
  closedText,
  headline,
  moment,
  namedLinks,
  restText,
  symbol,
  timing,
  whereText,
  type NamedLink,
} from "../shared/wording.ts";

/** What a mail says, in the order in which it says it; texts are plain, cut to a bound, and not escaped yet. */
export interface MailContent {
  /** Status and title, with a sign that is seen before it is read. */
  readonly headline: string;
  readonly facts: readonly string[];
  readonly changes: readonly string[];
  readonly alerts: readonly MailAlert[];
  /** How many alerts are not shown; undefined when all are. */
  readonly rest: string | undefined;
  readonly links: readonly NamedLink[];
  readonly labels: readonly string[];
  readonly evidence: readonly string[];
  readonly footer: string;
}

/** One alert of a mail. */
export interface MailAlert {
  readonly title: string;
  readonly isFiring: boolean;
  readonly severity: MessageSeverity;
  /** Where, how much, since when. */
  readonly facts: readonly string[];
  readonly description: string | undefined;
  /** Those that are not the whole group's. */
  readonly links: readonly NamedLink[];
}

const MOST_ALERTS = 20;
const MOST_LABELS = 20;
const MOST_EVIDENCE = 20;
/** No limit of mail's, but longer than any address that works everywhere. */
const MOST_URL = 2_000;

/** What a mail about the message says, with the first of its alerts. */
export function contentOf(message: Message): MailContent {
  const content = {
    headline: clip(`${symbol(message)} ${headline(message)}`, 300),
    facts: [`${message.severity}, ${timing(message)}`, ...countText(message)],
    changes: changeLines(message).map((line) => clip(oneLine(line), 500)),
    alerts: message.alerts.slice(0, MOST_ALERTS).map((alert) => alertOf(alert, message.links)),
    links: webLinks(namedLinks(message)),
    labels: Object.entries({ ...message.commonLabels, ...message.groupLabels })
      .slice(0, MOST_LABELS)
      .map(([label, value]) => clip(oneLine(`${label}=${value}`), 300)),
    evidence: (message.evidence ?? []).slice(0, MOST_EVIDENCE).map((line) => clip(oneLine(line), 300)),
    footer: `Sent by Watchkeeper about alerts of ${clip(oneLine(message.source), 100)}.`,
  };
  return { ...content, rest: restText(message, content.alerts.length) };
}

/** The same with fewer alerts, which are counted instead. */
export function withFewerAlerts(content: MailContent, message: Message, most: number): MailContent {
  const alerts = content.alerts.slice(0, most);
  return { ...content, alerts, rest: restText(message, alerts.length) };
}

function alertOf(alert: MessageAlert, common: AlertLinks): MailAlert {
  const { state, severity, value, startsAt, endsAt } = alert;
  const isFiring = state === "firing";
  const summary = oneLine(alert.summary);
  const description = clip(visible(alert.description ?? "").trim(), 800);
  const end = `over${endsAt === undefined ? "" : ` at ${moment(endsAt)}`}: ${clip(closedText(alert), 200)}`;
  return {
    title: clip(summary, 400),
    isFiring,
    severity,
    facts: [
      clip(oneLine(whereText(alert)), 500),
      value === undefined ? "" : `value ${clip(oneLine(value), 100)}`,
      isFiring ? `since ${moment(startsAt)}` : end,
    ].filter((fact) => fact !== ""),
    description: description === "" || oneLine(description) === summary ? undefined : description,
    links: webLinks(ownLinks(alert.links, common)),
  };
}

function ownLinks(links: AlertLinks, common: AlertLinks): readonly NamedLink[] {
  const of = (name: string, kind: keyof AlertLinks): readonly NamedLink[] => {
    const url = links[kind];
    return url === undefined || url === common[kind] ? [] : [{ name, url }];
  };
  return [
    ...of("Runbook", "runbook"),
    ...of("Dashboard", "dashboard"),
    ...of("Silence", "silence"),
    ...of("Source", "source"),
  ];
}

/**
 * Other schemes than the web's could do something when they are clicked; the parser leaves no space or line break in
 * them.
 */
const webLinks = (links: readonly NamedLink[]): readonly NamedLink[] =>
  links.flatMap(({ name, url }) => {
    const address = webAddress(url);
    return address === undefined || address.length > MOST_URL ? [] : [{ name, url: address }];
  });

function countText({ counts, alerts, moreAlerts }: Message): readonly string[] {
  if (alerts.length + moreAlerts + counts.hidden <= 1) return [];
  const of = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${count} ${what}`]);
  const parts = [
    ...of(counts.firing, "firing"),
    ...of(counts.closed, "over"),
    ...of(counts.hidden, "that the sender left out"),
  ];
  return parts.length === 0 ? [] : [parts.join(", ")];
}
