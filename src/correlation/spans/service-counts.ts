import type { ServiceSpans, SpanCounts } from "../../core/telemetry.ts";
import { isEntry, type SpanRow } from "./span-row.ts";

/** Counts of services' entry spans by the services' names. */
export type CountsByService = ReadonlyMap<string, SpanCounts>;

const NONE: SpanCounts = { spans: 0, failed: 0 };

/** Counts the entry spans of each service. */
export function countByService(rows: readonly SpanRow[]): CountsByService {
  const groups = Map.groupBy(rows.filter(isEntry), ({ span }) => span.service);
  return new Map(
    [...groups].map(([service, entries]) => {
      const p95Ms = quantile(entries, 0.95);
      const failed = entries.filter(({ span }) => span.status === "error").length;
      return [service, { spans: entries.length, failed, ...(p95Ms !== undefined && { p95Ms }) }];
    }),
  );
}

/** The duration in milliseconds below which this share of the spans is; undefined without spans. */
export function quantile(rows: readonly SpanRow[], share: number): number | undefined {
  const durations = rows.map(({ span }) => span.durationMs).toSorted((a, b) => a - b);
  return durations[Math.min(durations.length - 1, Math.ceil(share * durations.length) - 1)];
}

/** Both counts side by side: the services asked for first, then by their names. */
export function besides(
  window: CountsByService,
  baseline: CountsByService,
  asked: readonly string[],
): readonly ServiceSpans[] {
  const names = [...new Set([...window.keys(), ...baseline.keys()])].toSorted();
  const first = names.filter((name) => asked.includes(name));
  return [...first, ...names.filter((name) => !asked.includes(name))].map((service) => ({
    service,
    window: window.get(service) ?? NONE,
    baseline: baseline.get(service) ?? NONE,
  }));
}
