import type { SelfFamily } from "./self-metrics.ts";
import type { Block } from "./series-store.ts";

/**
 * What {@link SeriesFilter.collect} calls the service's own metrics that are of no collector: process, deliveries,
 * build.
 */
export const OWN_METRICS = "watchkeeper";

/** The series that a scrape wants: those that match both lists, where a list that is absent matches everything. */
export interface SeriesFilter {
  readonly targets?: ReadonlySet<string> | undefined;
  /** Each name is a collector, `<collector>/<part>` or {@link OWN_METRICS}. */
  readonly collect?: ReadonlySet<string> | undefined;
}

interface Origin {
  readonly target: unknown;
  readonly collector: unknown;
  readonly part: unknown;
}

/** The families of the matching parts. */
export function filterBlocks(blocks: readonly Block[], filter: SeriesFilter): Block[] {
  return blocks.flatMap(({ name, contributions }) => {
    const wanted = contributions.filter(({ key }) => matches(key, filter));
    return wanted.length === 0 ? [] : [{ name, contributions: wanted }];
  });
}

/**
 * Of the service's own metrics, the series whose `target`, `collector` and `part` labels match. Those without
 * `collector` are of {@link OWN_METRICS}.
 */
export function filterSelfFamilies(families: readonly SelfFamily[], filter: SeriesFilter): SelfFamily[] {
  return families.map((family) => ({
    ...family,
    values: family.values.filter(({ labels }) =>
      matches({ target: labels?.target, collector: labels?.collector ?? OWN_METRICS, part: labels?.part }, filter),
    ),
  }));
}

function matches({ target, collector, part }: Origin, { targets, collect }: SeriesFilter): boolean {
  if (targets !== undefined && !(typeof target === "string" && targets.has(target))) return false;
  if (collect === undefined) return true;
  return typeof collector === "string" && (collect.has(collector) || collect.has(`${collector}/${String(part)}`));
}
