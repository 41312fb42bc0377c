import { z } from "zod";
import type { Exemplar, TimeWindow } from "../../core/telemetry.ts";
import { printSelector } from "../../lib/prometheus/selector.ts";
import type { Ledger } from "./ledger.ts";
import type { FoundSeries } from "./plan.ts";

const labels = z.record(z.string(), z.string());
const answerSchema = z.object({
  data: z
    .array(
      z.object({
        seriesLabels: labels,
        exemplars: z.array(z.object({ labels, value: z.string(), timestamp: z.number() })).default([]),
      }),
    )
    .nullish(),
});

/** How the label is spelled that names a trace, without case and separators. */
const TRACE_LABEL = "traceid";
const TRACE_ID = /^[0-9a-f]{1,32}$/;
const MOST = 50;
const MOST_GROUPS = 4;

/**
 * Reads the measured values that name traces, the greatest first, at most 50; none from a server that keeps none, which
 * is no failure. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#querying-exemplars
 */
export async function readExemplars(
  ledger: Ledger,
  found: readonly FoundSeries[],
  window: TimeWindow,
  signal: AbortSignal,
): Promise<readonly Exemplar[]> {
  const groups = found.filter(({ series }) => series.length > 0).slice(0, MOST_GROUPS);
  const read = await Promise.all(groups.map((group) => readGroup(ledger, group, window, signal).catch(() => [])));
  const seen = new Set<string>();
  return read
    .flat()
    .toSorted((a, b) => b.value - a.value || a.at - b.at || (a.traceId < b.traceId ? -1 : 1))
    .filter(({ traceId, metric }) => {
      const key = `${traceId} ${metric}`;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    })
    .slice(0, MOST);
}

async function readGroup(
  ledger: Ledger,
  { matchers }: FoundSeries,
  { from, to }: TimeWindow,
  signal: AbortSignal,
): Promise<readonly Exemplar[]> {
  const search = new URLSearchParams({
    query: printSelector(undefined, matchers),
    start: String(from / 1_000),
    end: String((to - 1) / 1_000),
  });
  const { data } = await ledger.ask(
    "exemplars of the window",
    { path: "query_exemplars", search },
    answerSchema,
    signal,
  );
  return (data ?? []).flatMap(({ seriesLabels, exemplars }) => {
    const { __name__: name = "", le: _, ...rest } = seriesLabels;
    return exemplars.flatMap(({ labels: said, value, timestamp }): readonly Exemplar[] => {
      const traceId = traceIdOf(said);
      const number = Number(value);
      if (traceId === undefined || !Number.isFinite(number)) return [];
      return [{ traceId, at: timestamp * 1_000, value: number, metric: name.replace(/_bucket$/, ""), labels: rest }];
    });
  });
}

function traceIdOf(said: Readonly<Record<string, string>>): string | undefined {
  const [, value] =
    Object.entries(said).find(([name]) => name.toLowerCase().replaceAll(/[^a-z]/g, "") === TRACE_LABEL) ?? [];
  const id = value?.toLowerCase().replaceAll("-", "");
  return id !== undefined && TRACE_ID.test(id) && !/^0+$/.test(id) ? id.padStart(32, "0") : undefined;
}
