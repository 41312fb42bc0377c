import { poll } from "../../src/app/poll.ts";
import type { SeenError } from "../../src/app/part-status.ts";
import type { OpenTarget } from "../../src/core/pack.ts";

/** What one poll of every part of a target brought. */
export interface Polled {
  /** Values by series, written like `vault_up{node="a"}`; labels in the metric's order, no `target`. */
  readonly series: ReadonlyMap<string, number>;
  /** Failures by part. */
  readonly errors: Readonly<Record<string, readonly SeenError[]>>;
  readonly outcomes: Readonly<Record<string, string>>;
}

const stopped = new AbortController().signal;

/** Polls every part of a target once, one after the other, or only the parts that are named. */
export async function pollTarget(target: OpenTarget, only?: readonly string[]): Promise<Polled> {
  const series = new Map<string, number>();
  const errors: Record<string, readonly SeenError[]> = {};
  const outcomes: Record<string, string> = {};
  for (const part of target.parts) {
    if (only !== undefined && !only.includes(part.id)) continue;
    const result = await poll(part, stopped);
    outcomes[part.id] = result.outcome;
    if (result.errors.length > 0) errors[part.id] = result.errors;
    if (result.outcome === "no_data" || result.snapshot === undefined) continue;
    for (const { metric, samples } of result.snapshot.families) {
      for (const { labels, value } of samples) {
        const pairs = metric.labels.map((label, i) => `${label}=${JSON.stringify(labels[i])}`);
        series.set(pairs.length === 0 ? metric.name : `${metric.name}{${pairs.join(",")}}`, value);
      }
    }
  }
  return { series, errors, outcomes };
}

/** The values of one metric by the value of one of its labels. */
export function valuesBy({ series }: Polled, metric: string, label: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [text, value] of series) {
    const name = new RegExp(`^${metric}\\{(?:.*,)?${label}="([^"]*)"`).exec(text)?.[1];
    if (name !== undefined) found[name] = value;
  }
  return found;
}
