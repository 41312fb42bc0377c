import type { Message, MessageAlert } from "../../core/message.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { alertLine, changeLines, closedText, moment, restText, timing } from "./wording.ts";

/**
 * One line of a message's body; its text is not escaped yet. `fact`: how bad, since when, where; `change`: what is new
 * since the last message; `alert` fires, `closed` does not any more, `detail` explains the one above it; `rest`: how
 * many are not shown; `evidence`: what was found about it.
 */
export interface BodyLine {
  readonly kind: "fact" | "change" | "alert" | "closed" | "detail" | "rest" | "evidence";
  readonly text: string;
}

/** What stands before a line of each kind where there is no better markup. */
export const BULLETS: Readonly<Record<BodyLine["kind"], string>> = {
  fact: "",
  change: "→ ",
  alert: "• ",
  closed: "✓ ",
  detail: "  ",
  rest: "",
  evidence: "» ",
};

/** How much a channel takes. */
export interface BodyBound {
  /** The most that all lines together may measure; at least 1500. */
  readonly most: number;
  /** What a line takes once it is escaped, its line break included. */
  readonly measure: (line: BodyLine) => number;
}

/** Labels that the title and the facts tell already. */
const TOLD = new Set(["alertname", "severity"]);
const DESCRIBED = 3;
/**
 * Of what facts and changes leave, this much is kept free for evidence: many alerts must not push out why they fire.
 */
const EVIDENCE_SHARE = 0.35;

/** The body of a message as lines that stay within the bound; alerts that do not fit are counted in the `rest` line. */
export function bodyLines(message: Message, { most, measure }: BodyBound): readonly BodyLine[] {
  const lines: BodyLine[] = [];
  let left = most - measure(restLine(message, 0));
  const addWithin = (room: number, some: readonly BodyLine[]): boolean => {
    const size = some.reduce((sum, line) => sum + measure(line), 0);
    if (size > room) return false;
    lines.push(...some);
    left -= size;
    return true;
  };
  for (const fact of facts(message)) addWithin(left, [fact]);
  // what fires now matters more than how it came about
  const half = left / 2;
  for (const change of changes(message)) if (!addWithin(left - half, [change])) break;
  const evidence = (message.evidence ?? []).map((text) => line("evidence", clip(text, 300)));
  const kept = roomFor(evidence, left * EVIDENCE_SHARE, measure);
  let shown = 0;
  while (shown < message.alerts.length && addWithin(left - kept, alertBlock(message, shown))) shown += 1;
  if (restText(message, shown) !== undefined) lines.push(restLine(message, shown));
  for (const one of evidence) if (!addWithin(left, [one])) break;
  return lines;
}

/** What the first lines take that are within the bound. */
function roomFor(lines: readonly BodyLine[], most: number, measure: BodyBound["measure"]): number {
  let room = 0;
  for (const one of lines) {
    const size = measure(one);
    if (room + size > most) break;
    room += size;
  }
  return room;
}

const line = (kind: BodyLine["kind"], text: string): BodyLine => ({ kind, text: oneLine(text).toWellFormed() });

function facts(message: Message): readonly BodyLine[] {
  const labels = Object.entries({ ...message.commonLabels, ...message.groupLabels })
    .filter(([label, value]) => !TOLD.has(label) && value !== "")
    .map(([label, value]) => `${label}=${value}`);
  const texts = [
    `${message.severity}, ${timing(message)}`,
    ...(labels.length === 0 ? [] : [labels.join(", ")]),
    `from ${message.source}`,
  ];
  return texts.map((text) => line("fact", clip(text, 300)));
}

/** Of a closed group the alerts themselves say why each is over. */
const changes = (message: Message): readonly BodyLine[] =>
  message.status === "resolved" ? [] : changeLines(message).map((text) => line("change", text));

function alertBlock(message: Message, index: number): readonly BodyLine[] {
  const alert = message.alerts[index];
  if (alert === undefined) return [];
  const isFiring = alert.state === "firing";
  const end = isFiring ? sinceText(message, alert) : ` (${clip(closedText(alert), 120)})`;
  const description = oneLine(alert.description ?? "");
  const isTold = description === "" || description === oneLine(alert.summary) || message.alerts.length > DESCRIBED;
  return [
    line(isFiring ? "alert" : "closed", `${clip(alertLine(alert), 400)}${end}`),
    ...(isTold ? [] : [line("detail", clip(description, 500))]),
  ];
}

/** The oldest alert's beginning is that of the group, which the facts tell. */
const sinceText = ({ since }: Message, { startsAt }: MessageAlert): string =>
  startsAt - since < 60_000 ? "" : `, since ${moment(startsAt)}`;

const restLine = (message: Message, shown: number): BodyLine => line("rest", `and ${restText(message, shown) ?? ""}`);
