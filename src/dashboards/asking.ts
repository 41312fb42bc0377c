import type { SignalPanel } from "../core/dashboard.ts";
import { hours, inSeconds, minutes, type Duration } from "../core/duration.ts";
import { rateInterval } from "../core/promql.ts";
import type { Node } from "../core/promql-tree.ts";
import { operands } from "./operands.ts";
import type { ResolvedSignals } from "./resolved.ts";

/** From this window on, neighbouring points of a curve look back at nearly the same. */
const LONG_WINDOW = hours(1);
/** The newest point of such a curve is this old at the most, and what lasts shorter it may pass over. */
const LEAST_STEP = minutes(5);

/**
 * How often a panel's queries look, so that they touch no more samples than they must. Curves are asked over time; all
 * else is asked of now, as what is gone must not be shown as if it were still so. A figure of a `rate` keeps its curve:
 * between two requests it has no value now.
 */
export function askingOf({ view, signals }: SignalPanel): Pick<ResolvedSignals, "isInstant" | "leastStep"> {
  const nodes = signals.map(({ expr }) => expr.node);
  const hasCurve =
    view === "timeseries" || view === "state-timeline" || (view === "stat" && nodes.some((node) => hasRate(node)));
  if (!hasCurve) return { isInstant: true };
  const isLong = nodes.some((node) => windowsOf(node).some((window) => window >= LONG_WINDOW));
  return isLong ? { leastStep: inSeconds(LEAST_STEP) } : {};
}

function hasRate(node: Node): boolean {
  return (node.kind === "call" && node.name === "rate") || operands(node).some(hasRate);
}

/** The windows that stay as they are: those of a `rate` Grafana chooses. */
function windowsOf(node: Node): readonly Duration[] {
  if (node.kind === "call" && node.name === "rate") return [];
  if (node.kind === "selector") return node.range === undefined || node.range === rateInterval ? [] : [node.range];
  return operands(node).flatMap(windowsOf);
}
