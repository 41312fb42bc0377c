import { formatDuration, inSeconds, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import type { WindowedPromql } from "../model.ts";
import { readCounters, type Counter, type CountersRead, type Span } from "./counters.ts";

/**
 * How raw counters are read: one difference a step, a while ago, when every scrape that began before it is surely over.
 */
export interface Stepping {
  readonly step: Duration;
  readonly lag: Duration;
}

/**
 * The queries of an SLO as what their counters added, or their gauges were found at, in one step; a sum of steps is
 * then what happened, without any estimate.
 */
export interface SteppedQueries {
  readonly total: string;
  readonly errors: string;
  /**
   * Whether errors may come out below 0 for a step, as the difference of counters that are not read at the same moment.
   */
  readonly isSigned: boolean;
}

/**
 * Rewrites queries that are sums of `increase(x[$window])` or `rate(x[$window])`, also of native histograms' events and
 * of a fixed share of them, into differences of the counters, and numbers and sums of samples into those of a step.
 * Undefined when one of them is anything else: only what is linear in its counters is the same when steps are added up.
 */
export function steppedQueries(
  total: WindowedPromql,
  errors: WindowedPromql,
  stepping: Stepping,
): SteppedQueries | undefined {
  const [all, failed] = [readCounters(total.text), readCounters(errors.text)];
  if (all === undefined || failed === undefined) return undefined;
  const siblings = siblingsOf(all, failed);
  const added = additions(stepping);
  const stepped = (read: CountersRead): string => rewritten(read, (each) => added(each, siblings.get(each.metric)));
  return { total: stepped(all), errors: stepped(failed), isSigned: failed.isClamped };
}

/** The part of a query that is to be taken, with what each counter added. */
function rewritten(read: CountersRead, added: (counter: Counter) => string): string {
  const { text, counters, products, names } = read;
  const filled = ({ from, to }: Span, parts: readonly Part[]): string => {
    const within = parts.filter((part) => part.from >= from && part.to <= to).toSorted((a, b) => a.from - b.from);
    const ends = [...within.map((part) => part.from), to];
    return ends.map((end, i) => text.slice(within[i - 1]?.to ?? from, end) + (within[i]?.text ?? "")).join("");
  };
  const inner: Part[] = [
    ...names.map((name) => ({ ...name, text: "" })),
    ...counters.map((counter) => ({ ...counter, text: stepText(text, counter, added(counter)) })),
  ];
  const shares: Part[] = products.map((product) => {
    const share = `${filled(product, inner)} >= 0`;
    const isAll = product.from === read.from && product.to === read.to;
    return { ...product, text: isAll ? share : `(${share} or ${filled(product.count, inner)} * 0)` };
  });
  const outside = inner.filter((part) => !shares.some(({ from, to }) => from <= part.from && part.to <= to));
  return filled(read, [...shares, ...outside]);
}

interface Part extends Span {
  readonly text: string;
}

function stepText(query: string, { from, to, kind, call }: Counter, added: string): string {
  if (kind === "samples") return added;
  const isBare = query[from - 1] === "(" && query[to] === ")" && call !== "rate";
  return (isBare ? added : `(${added})`) + (call === "rate" ? RATE : "");
}

/** Rates stay rates of the 5 minutes that are added up. */
const RATE = ` / ${inSeconds(minutes(5))}`;

/** A sibling: the series of all events, and the labels by which those of some of them differ. */
interface Sibling {
  readonly selector: string;
  readonly labels: readonly string[];
}

/** How long a counter is remembered that could not be scraped. */
const MEMORY = "5m";

/**
 * What a counter added in a step. One that is lower than before began anew from 0. One that was not there before began
 * from 0 only if a sibling was: else it was merely not scraped until now. A native histogram began anew if it counts
 * fewer events.
 */
function additions({ step, lag }: Stepping): (counter: Counter, sibling: Sibling | undefined) => string {
  const later = formatDuration(milliseconds(lag + step));
  const offset = lag === 0 ? "" : ` offset ${formatDuration(lag)}`;
  return ({ kind, call, selector }, sibling) => {
    if (kind === "samples") return `${call}(${selector}[${formatDuration(step)}]${offset})`;
    const value = (of: string): string => (kind === "histogram_count" ? `histogram_count(${of})` : of);
    const last = (of: string): string => `last_over_time(${of}[${MEMORY}] offset ${later})`;
    const [now, before] = [value(selector + offset), value(last(selector))];
    const known = sibling === undefined ? before : `ignoring (${sibling.labels.join(", ")}) ${last(sibling.selector)}`;
    const goesOn =
      kind === "histogram"
        ? `(${before} and histogram_count(${before}) <= histogram_count(${now}))`
        : `${before} <= ${now}`;
    return `${now} - (${goesOn} or ${now} * 0 and ${known})`;
  };
}

/** By metric, where the total has one selector of it, and others narrow that one. */
function siblingsOf(total: CountersRead, errors: CountersRead): ReadonlyMap<string, Sibling> {
  const found = new Map<string, Sibling>();
  for (const [metric, counters] of Map.groupBy([...total.counters, ...errors.counters], (each) => each.metric)) {
    const selectors = new Set(total.counters.filter((each) => each.metric === metric).map((each) => each.selector));
    const base = total.counters.find((each) => each.metric === metric);
    if (base === undefined || selectors.size > 1 || metric === "") continue;
    const own = new Set(base.matchers.map(({ text }) => text));
    const others = counters.flatMap((each) => each.matchers.filter(({ text }) => !own.has(text)));
    const labels = [...new Set(others.map(({ label }) => label))];
    if (labels.length > 0) found.set(metric, { selector: base.selector, labels });
  }
  return found;
}
