import { parser } from "@prometheus-io/lezer-promql";
import type { WindowedPromql } from "../model.ts";
import { judge, type Judgement, type Refusal } from "./refusals.ts";
import { unitOf, type PromqlUnit } from "./unit.ts";
import { QUOTED, QUOTED_OR_COMMENT } from "../../lib/promql-syntax.ts";

/** A text that is no PromQL. */
export interface PromqlFault {
  /** What is wrong and where in the query, as a sentence without subject. */
  readonly fault: string;
}

/** PromQL that was read. */
export interface WindowedReading {
  readonly promql: WindowedPromql;
  /** What it gives; undefined where that is not known. */
  readonly type: Judgement["type"];
  /** How often the window stands in it. */
  readonly windows: number;
  readonly unit: PromqlUnit;
  /** The same with `increase` for each `rate`, so that events are counted; for the unit `per_second` only. */
  counting(): WindowedPromql;
}

/** How a window is left open: ours, and the only one of Go's templates that sloth fills in. */
const WINDOW = /\$window\b|\{\{-?[ \t]*\.window[ \t]*-?\}\}/g;

/**
 * Reads PromQL with windows left open as `$window` or `{{.window}}`: it must parse with a window in their place,
 * wherever they stand (a range, a part of a recorded name). Comments are taken out, so that the text can stand between
 * brackets.
 */
export function readWindowed(written: string): WindowedReading | PromqlFault {
  if (written.length > MOST_CHARACTERS) return { fault: TOO_LONG };
  const text = withoutComments(written);
  const marks = Array.from(text.matchAll(WINDOW), (match) => ({
    from: match.index,
    to: match.index + match[0].length,
  }));
  const template = /\{\{[^}]*\}?\}?/.exec(text.replace(WINDOW, ""));
  if (template !== null)
    return { fault: `has the template ${template[0]}: only $window and {{.window}} are filled in` };
  const { error, unit, rates, judged } = analyse(skeleton(text, marks), marks);
  if (error !== undefined) return { fault: `is not PromQL: ${syntaxFault(text, error)}` };
  if (judged?.refusal !== undefined) return { fault: refused(text, judged.refusal) };
  const parts = split(text, marks);
  return {
    promql: filling(parts),
    type: judged?.type,
    windows: marks.length,
    unit,
    counting: () => filling(split(withIncrease(text, rates), shifted(marks, rates))),
  };
}

/** Far above what people write; a text that does not parse costs ten kilobytes for each character. */
const MOST_CHARACTERS = 20_000;
const TOO_LONG = `is longer than ${MOST_CHARACTERS} characters: record a part of it, and ask for what was recorded`;

interface Span {
  readonly from: number;
  readonly to: number;
}

const withoutComments = (text: string): string =>
  (text.includes("#")
    ? text.replace(QUOTED_OR_COMMENT, (found) => (found.startsWith("#") ? "" : found))
    : text
  ).trimEnd();

function filling(parts: readonly string[]): WindowedPromql {
  const text = parts.join("$window");
  return { text, at: (window) => parts.join(window) };
}

/** What is between the windows. */
function split(text: string, marks: readonly Span[]): string[] {
  const starts = [0, ...marks.map(({ to }) => to)];
  return starts.map((start, i) => text.slice(start, marks[i]?.from));
}

const RATE = "rate";
const INCREASE = "increase";

const withIncrease = (text: string, rates: readonly number[]): string =>
  rates.toReversed().reduce((all, at) => `${all.slice(0, at)}${INCREASE}${all.slice(at + RATE.length)}`, text);

function shifted(marks: readonly Span[], rates: readonly number[]): Span[] {
  return marks.map(({ from, to }) => {
    const by = rates.filter((at) => at < from).length * (INCREASE.length - RATE.length);
    return { from: from + by, to: to + by };
  });
}

/**
 * The text with a window filled in and texts blanked out, each of its old length, so that places stay: the queries of
 * many SLOs differ only in what stands between quotes, and a parse costs more than everything else that is done with
 * them.
 */
function skeleton(text: string, marks: readonly Span[]): string {
  const filled = split(text, marks).reduce((all, part, i) => {
    const mark = marks[i - 1];
    return all + (mark === undefined ? "" : "5m".padStart(mark.to - mark.from, "0")) + part;
  });
  return filled.replace(QUOTED_OR_COMMENT, (quoted) => (quoted.includes("\\") ? quoted : blank(quoted)));
}

const blank = (quoted: string): string => `${quoted[0]}${"x".repeat(quoted.length - 2)}${quoted[0]}`;

interface Analysis {
  /** Offset of what does not parse. */
  readonly error: number | undefined;
  readonly unit: PromqlUnit;
  /** Offsets of the function `rate`. */
  readonly rates: readonly number[];
  /** Of what parses. */
  readonly judged?: Judgement;
}

const MOST_KNOWN = 1_000;
const known = new Map<string, Analysis>();

function analyse(text: string, marks: readonly Span[]): Analysis {
  const found = known.get(text) ?? parse(text, marks);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, found);
  return found;
}

const CLOSED = new RegExp(`^(?:${QUOTED.source})$`);

function parse(text: string, marks: readonly Span[]): Analysis {
  const top = parser.parse(text).topNode;
  const rates: number[] = [];
  let error: number | undefined;
  top.cursor().iterate(({ type, from, to }) => {
    // the grammar, which is made for editors, takes a text without its last quote
    const isOpen = type.name === "StringLiteral" && !CLOSED.test(text.slice(from, to));
    if (type.isError || isOpen) error ??= from;
    if (type.name === "Rate") rates.push(from);
  });
  if (error !== undefined) return { error, unit: "unknown", rates };
  const starts = new Set(marks.map(({ from }) => from));
  return { error, unit: unitOf(top, text, (offset) => starts.has(offset)), rates, judged: judge(top, text) };
}

function syntaxFault(text: string, offset: number): string {
  if (text.trim() === "") return "it is empty";
  const rest = restAt(text, offset);
  return `${rest === "" ? "something is missing" : `unexpected "${rest}"`} at ${placeOf(text, offset)}`;
}

const refused = (text: string, { at, why }: Refusal): string =>
  `is refused by Prometheus at ${placeOf(text, at)}, "${restAt(text, at)}": ${why}`;

const restAt = (text: string, offset: number): string =>
  (text.slice(offset).trimStart().split("\n", 1)[0] ?? "").slice(0, 20).trim();

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  const line = before.length > 1 ? `line ${before.length}, ` : "";
  return `${line}column ${(before.at(-1)?.length ?? 0) + 1} of the query`;
}
