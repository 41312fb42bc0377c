import { formatDuration, inSeconds, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import type { WindowedPromql } from "../model.ts";
import { readCounters, type Counter, type CountersRead } from "./counters.ts";

/** How raw counters are read: one difference a step, a while ago, when every scrape that began before it is surely over. */
export interface Stepping {
  readonly step: Duration;
  readonly lag: Duration;
}

/** The queries of an SLO as what their counters added in one step; a sum of steps is then what happened, without any estimate. */
export interface SteppedQueries {
  readonly total: string;
  readonly errors: string;
  /** Whether errors may come out below 0 for a step, as the difference of counters that are not read at the same moment. */
  readonly isSigned: boolean;
}

/**
 * Rewrites queries that are sums of `increase(x[$window])` or `rate(x[$window])` into differences of the counters. Undefined
 * when one of them is anything else: only what is linear in its counters is the same when steps are added up.
 */
export function steppedQueries(
  total: WindowedPromql,
  errors: WindowedPromql,
  stepping: Stepping,
): SteppedQueries | undefined {
  const [all, failed] = [readCounters(total.text), readCounters(errors.text)];
  if (all === undefined || failed === undefined) return undefined;
  const siblings = siblingsOf(all, failed);
  const difference = differences(stepping);
  const stepped = ({ text, from, to, counters }: CountersRead): string =>
    counters
      .toReversed()
      .reduce(
        (query, each) => {
          const sibling = siblings.get(each.metric);
          const isBare = text[each.from - 1] === "(" && text[each.to] === ")";
          const added = difference(each, sibling);
          const value = isBare && !each.isRate ? added : `(${added})`;
          return query.slice(0, each.from) + value + (each.isRate ? RATE : "") + query.slice(each.to);
        },
        text.slice(0, to),
      )
      .slice(from);
  return { total: stepped(all), errors: stepped(failed), isSigned: failed.isClamped };
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
 * What a counter added in a step. One that is lower than before began anew from 0. One that was not there before began from 0
 * only if a sibling was: else it was merely not scraped until now.
 */
function differences({ step, lag }: Stepping): (counter: Counter, sibling: Sibling | undefined) => string {
  const [late, later] = [formatDuration(lag), formatDuration(milliseconds(lag + step))];
  const before = (selector: string): string => `last_over_time(${selector}[${MEMORY}] offset ${later})`;
  return ({ selector }, sibling) => {
    const now = lag === 0 ? selector : `${selector} offset ${late}`;
    const known =
      sibling === undefined ? before(selector) : `ignoring (${sibling.labels.join(", ")}) ${before(sibling.selector)}`;
    return `${now} - (${before(selector)} <= ${now} or ${now} * 0 and ${known})`;
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
