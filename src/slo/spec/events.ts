import type { YamlPath } from "../../lib/yaml-places.ts";
import type { Sli } from "../model.ts";
import type { Findings } from "./findings.ts";

/** An SLI that was read. */
export interface ReadSli {
  readonly sli: Sli;
  /** Whether its queries surely count events, so that a minimum of them can be asked for. */
  readonly countsEvents: boolean;
}

interface Query {
  readonly text: string;
  readonly path: YamlPath;
}

/**
 * An SLI of two queries; undefined after a finding. Queries of rates are turned into counts, which have the same ratio:
 * only then can a sum of 5 minutes be told in events. With a minimum of its own an SLO is not asked for one.
 */
export function eventsOf(findings: Findings, total: Query, errors: Query, hasMinimum = false): ReadSli | undefined {
  const [all, failed] = [findings.promql(total.text, total.path), findings.promql(errors.text, errors.path)];
  if (all === undefined || failed === undefined) return undefined;
  if (all.unit === "per_second" && failed.unit === "per_second")
    return { sli: { kind: "events", total: all.counting(), errors: failed.counting() }, countsEvents: true };
  const countsEvents = all.unit === "count" && failed.unit === "count";
  if (!countsEvents && !hasMinimum) findings.warning("not-counted", errors.path, NOT_COUNTED);
  return { sli: { kind: "events", total: all.promql, errors: failed.promql }, countsEvents };
}

const NOT_COUNTED =
  "does not surely count events, so no least number of failures is asked for before an alert fires: write both queries as" +
  " sums of increase() or rate() over the window, or set the minimum yourself";
