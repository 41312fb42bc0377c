import type { TraceView } from "../app/evidence/trace-view.ts";
import type { Bundle, EvidenceItem, SignalReport } from "../core/evidence.ts";
import {
  countsInWords,
  isBlind,
  numberText,
  SIGNAL_NAMES,
  statisticText,
  VERDICT_WORDS,
} from "../core/evidence-words.ts";
import type { LogLine, Trace, TraceSpan } from "../core/telemetry.ts";
import { spanRows } from "../lib/span-rows.ts";
import { clip, oneLine } from "../lib/text.ts";
import { inWords, moment } from "../lib/times.ts";
import { columns } from "./columns.ts";

const MOST_ITEMS = 5;
const MOST_NOTES = 3;
const MOST_SPANS = 60;
const MOST_LINES = 60;

/** A bundle for a terminal: what stands out, then each signal with its verdict. */
export function bundleText(bundle: Bundle): string {
  const { question, reports, top, createdAt, tookMs, id, notKept } = bundle;
  const items = new Map(reports.flatMap((report) => report.items.map((item) => [item.id, item] as const)));
  const best = top.flatMap((one) => items.get(one) ?? []);
  const baseline = inWords(question.baseline.to - question.baseline.from);
  const parts = [
    `${aboutText(bundle)}\n${moment(question.window.from)} to ${moment(question.window.to).slice(11)}, compared with the ${baseline} before it`,
    block(
      "What stands out",
      best.length > 0
        ? best.map((item, i) => `${i + 1}. ${item.title}`)
        : [isBlind(bundle) ? "nothing could be read: see below" : "nothing, in what could be read"],
    ),
    ...reports.map(reportText),
    block("Looked at", [
      ...question.scope.entities.map(({ kind, name, because }) => `${kind} ${name} (${because})`),
      ...question.scope.notes,
    ]),
    notKept === undefined
      ? `Evidence ${id}, made ${moment(createdAt)} in ${inWords(tookMs)}; again: watchkeeper correlate --rerun ${id}`
      : `Evidence made ${moment(createdAt)} in ${inWords(tookMs)}. ${notKept}`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function aboutText({ question: { alert, scope } }: Bundle): string {
  const [nearest] = scope.entities;
  const what = nearest === undefined ? "nothing that has a name" : `${nearest.kind} ${nearest.name}`;
  return alert === undefined ? `Evidence about ${what}` : `Evidence about ${alert.name}: ${what}`;
}

function reportText({ signal, verdict, said, items, notes }: SignalReport): string {
  const shown = items.filter(({ isSignificant }) => isSignificant).slice(0, MOST_ITEMS);
  return block(`${SIGNAL_NAMES[signal]}: ${VERDICT_WORDS[verdict]}`, [
    said,
    ...notes.slice(0, MOST_NOTES).map((note) => `note: ${note}`),
    ...shown.flatMap(itemLines),
  ]);
}

function itemLines(item: EvidenceItem): readonly string[] {
  const { title, numbers, link, detail } = item;
  const told = [countsInWords(item), statisticText(numbers)].filter((part) => part !== "");
  return [
    `- ${title}`,
    ...(told.length > 0 ? [`    ${told.join("; ")}`] : []),
    ...(detail.kind === "change" ? [`    at ${moment(detail.change.at)}, told by ${detail.change.source}`] : []),
    ...(detail.kind === "log_pattern" ? [`    e.g. ${clip(oneLine(detail.sample), 160)}`] : []),
    ...(link === undefined ? [] : [`    ${link}`]),
  ];
}

/** A trace and its log lines for a terminal. */
export function traceText({ traceId, trace, logs }: TraceView): string {
  const spans =
    trace.state === "not_configured"
      ? "No source of traces is configured (evidence.traces)."
      : trace.state === "down"
        ? `The trace could not be read: ${trace.reason}: ${trace.message}`
        : trace.reading === undefined
          ? "The source has no trace of this id: it may be older than what it keeps, or was not sampled."
          : spansText(trace.reading);
  const lines =
    logs.state === "not_configured"
      ? "No source of logs is configured (evidence.elasticsearch)."
      : logs.state === "down"
        ? `Its log lines could not be read: ${logs.reason}: ${logs.message}`
        : block(
            "Log lines",
            logs.reading.lines.length > 0 ? linesText(logs.reading.lines) : ["none has this trace id"],
          );
  return `Trace ${traceId}\n\n${spans}\n\n${lines}\n`;
}

function spansText({ spans, notes }: Trace): string {
  const from = Math.min(...spans.map(({ startsAt }) => startsAt));
  const rows = spanRows(spans).slice(0, MOST_SPANS);
  const table = columns(
    rows.map(({ span, depth }) => [
      `+${numberText(span.startsAt - from)} ms`,
      `${numberText(span.durationMs)} ms`,
      span.status === "error" ? "FAILED" : "",
      `${"  ".repeat(depth)}${spanText(span)}`,
    ]),
  );
  const hidden = spans.length - rows.length;
  return block("Spans", [
    ...notes.map((note) => `note: ${note}`),
    ...table.split("\n"),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
  ]);
}

const spanText = ({ service, name, statusMessage }: TraceSpan): string =>
  `${clip(oneLine(service), 40)}: ${clip(oneLine(name), 60)}${statusMessage === undefined ? "" : ` (${clip(oneLine(statusMessage), 100)})`}`;

function linesText(lines: readonly LogLine[]): readonly string[] {
  const shown = lines
    .slice(0, MOST_LINES)
    .map(
      ({ at, level = "", service = "", message }) =>
        `${new Date(at).toISOString()} ${level.padEnd(5)} ${service}: ${clip(oneLine(message), 200)}`,
    );
  return lines.length > shown.length ? [...shown, `and ${lines.length - shown.length} more`] : shown;
}

const block = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join("\n");
