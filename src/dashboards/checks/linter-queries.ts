import type { Check } from "./fault.ts";
import { readPromql } from "./promql-text.ts";
import { faultIn, parsedQueries, promqlQueries } from "./queries.ts";

/** `target-promql-rule`. */
export const promql: Check = (dashboard) =>
  promqlQueries(dashboard).flatMap((query) => {
    const read = readPromql(query.expr);
    return typeof read === "string" ? [faultIn(query, read)] : [];
  });

const OF_RATE: ReadonlySet<string> = new Set(["rate", "irate"]);

/** `target-rate-interval-rule`. */
export const rateInterval: Check = (dashboard) =>
  parsedQueries(dashboard).flatMap((query) =>
    query.selectors
      .filter(({ within = "", range }) => OF_RATE.has(within) && range !== undefined && range !== "$__rate_interval")
      .map(({ metric, range }) => faultIn(query, `has the rate of ${metric} over ${range}, not over $__rate_interval`)),
  );

const OF_COUNTERS: ReadonlySet<string> = new Set([...OF_RATE, "increase"]);

/** `target-counter-agg-rule`. */
export const counters: Check = (dashboard, { metrics }) =>
  parsedQueries(dashboard).flatMap((query) =>
    query.selectors
      .filter(
        ({ metric }) =>
          /_total$|_bucket$/.test(metric) || (/_(?:count|sum)$/.test(metric) && isOfHistogram(metric, metrics)),
      )
      .filter(({ within = "", range }) => range === undefined || !OF_COUNTERS.has(within))
      .map(({ metric }) => faultIn(query, `takes the counter ${metric} as it is, not its rate or increase`)),
  );

const isOfHistogram = (metric: string, metrics: ReadonlyMap<string, unknown>): boolean =>
  metrics.has(metric.replace(/_(?:count|sum)$/, "_bucket"));
