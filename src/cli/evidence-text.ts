import { logIdText } from "../app/evidence/ids.ts";
import { aroundSaid, type LogView } from "../app/evidence/log-view.ts";
import type { ReadLines, TraceView, Whereabouts } from "../app/evidence/trace-view.ts";
import type { Bundle, EvidenceItem, SignalReport } from "../core/evidence.ts";
import {
  countsInWords,
  nothingText,
  numberText,
  SIGNAL_NAMES,
  statisticText,
  toldText,
  VERDICT_WORDS,
} from "../core/evidence-words.ts";
import type { LogLine, Trace, TraceSpan } from "../core/telemetry.ts";
import { spanRows } from "../lib/span-rows.ts";
import { clip, oneLine } from "../lib/text.ts";
import { inWords, moment } from "../lib/times.ts";
import { columns } from "../lib/columns.ts";

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
      best.length > 0 ? best.map((item, i) => `${i + 1}. ${item.title}`) : [nothingText(bundle)],
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
  const standing = items.filter(({ isSignificant }) => isSignificant);
  return block(`${SIGNAL_NAMES[signal]}: ${VERDICT_WORDS[verdict]}`, [
    said,
    ...notes.slice(0, MOST_NOTES).map(noteText),
    ...moreText(notes.length - MOST_NOTES, "note"),
    ...standing.slice(0, MOST_ITEMS).flatMap(itemLines),
    ...moreText(standing.length - MOST_ITEMS),
  ]);
}

const moreText = (hidden: number, one = ""): readonly string[] =>
  hidden > 0 ? [`and ${hidden} more${one === "" ? "" : ` ${one}${hidden === 1 ? "" : "s"}`}: --json prints all`] : [];

function itemLines(item: EvidenceItem): readonly string[] {
  const { title, numbers, query, link, detail } = item;
  const told = [countsInWords(item), statisticText(numbers)].filter((part) => part !== "");
  return [
    `- ${title}`,
    ...(told.length > 0 ? [`    ${told.join("; ")}`] : []),
    ...(detail.kind === "change" ? [`    at ${moment(detail.change.at)}, ${toldText(detail.change)}`] : []),
    ...(detail.kind === "log_pattern" ? [`    e.g. ${clip(oneLine(detail.sample), 160)}`] : []),
    ...(query === undefined ? [] : [`    ${oneLine(query)}`]),
    ...(link === undefined ? traceCommand(detail) : [`    ${link}`]),
  ];
}

/** Where no page is known that shows a trace, a command does. */
function traceCommand(detail: EvidenceItem["detail"]): readonly string[] {
  if (detail.kind !== "trace" && detail.kind !== "exemplar") return [];
  const { traceId } = detail.kind === "trace" ? detail.trace : detail.exemplar;
  return [`    watchkeeper correlate --trace ${traceId}`];
}

/** A trace with its log lines and metrics for a terminal. */
export function traceText({ traceId, trace, logs, ...where }: TraceView): string {
  const spans =
    trace.state === "not_configured"
      ? "No source of traces is configured (evidence.traces)."
      : trace.state === "down"
        ? `The trace could not be read: ${trace.reason}: ${trace.message}`
        : trace.reading === undefined
          ? "The source has no trace of this id: it may be older than what it keeps, or was not sampled."
          : spansText(trace.reading);
  return `Trace ${traceId}\n\n${spans}\n\n${logsText(logs, "none has this trace id")}\n${whereText(where)}`;
}

function logsText(logs: ReadLines, none: string): string {
  if (logs.state === "not_configured") return NO_LOGS;
  if (logs.state === "down") return `The log lines could not be read: ${logs.reason}: ${logs.message}`;
  const { lines, notes } = logs.reading;
  const said = notes.map(noteText);
  return block("Log lines", lines.length + notes.length > 0 ? [...said, ...linesText(lines)] : [none]);
}

const noteText = (note: string): string => `note: ${note}`;

const NO_LOGS = "No source of logs is configured (evidence.elasticsearch).";

/** The metrics of where something was, and the commands that give all evidence of it. */
function whereText({ place, metrics }: Whereabouts): string {
  const commands = place?.services.map(
    (service) =>
      `watchkeeper correlate --service ${quoted(service)} --from ${new Date(place.window.from).toISOString()} --to ${new Date(place.window.to).toISOString()}`,
  );
  const parts = [
    ...(metrics === undefined ? [] : [reportText(metrics)]),
    ...(commands === undefined ? [] : [block("All evidence of that time", commands)]),
  ];
  return parts.map((part) => `\n${part}\n`).join("");
}

/** For a shell. */
const quoted = (name: string): string =>
  /^[\w.:@%+-]+$/.test(name) ? name : `'${oneLine(name).replaceAll("'", String.raw`'\''`)}'`;

/** A log line with its trace, or what was logged around it, for a terminal. */
export function logText({ id, line, trace, around }: LogView): string {
  const title = `Log line ${oneLine(logIdText(id))}`;
  if (line.state === "not_configured") return `${title}\n\n${NO_LOGS}\n`;
  if (line.state === "down") return `${title}\n\nIt could not be read: ${line.reason}: ${line.message}\n`;
  const { line: found, notes } = line.reading;
  const said = notes.map(noteText);
  if (found === undefined)
    return `${block(title, [...said, "no index of evidence.elasticsearch.indices has a readable line of this id"])}\n`;
  const own = block(title, [...said, ...linesText([found])]);
  if (trace !== undefined) return `${own}\n\n${traceText(trace)}`;
  const looked = `${own}\n\n${aroundSaid(around)}\n`;
  return around === undefined ? looked : `${looked}${logsText(around.logs, "none")}\n${whereText(around)}`;
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
  return block("Spans", [...notes.map(noteText), ...table.split("\n"), ...moreText(hidden)]);
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
  return [...shown, ...moreText(lines.length - shown.length)];
}

const block = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join("\n");
