import type { TelemetryFilter, TraceReading } from "../../../core/telemetry.ts";
import { json, type Answer } from "../../spans/__fixtures__/answer-server.ts";
import { openTempo } from "../source.ts";
import { recorded, startRecordedTempo } from "./recorded-tempo.ts";

/** The time in which most of what was recorded lies. */
export const WINDOW = { from: 1_795_425_620_000, to: 1_795_426_520_000 };
/** The hour before. */
export const BASELINE = { from: WINDOW.from - 3_600_000, to: WINDOW.from };
/** Names nothing. */
export const NOTHING: TelemetryFilter = { services: [], namespaces: [], pods: [], hosts: [] };
/** Names one of the recorded services. */
export const PAYMENTS: TelemetryFilter = { ...NOTHING, services: ["payments"] };

/** Answers a request with the query `q`; what it leaves out is empty. */
export type Answers = (url: URL, q: string) => string | Answer | undefined;

/** Asks a Tempo that answers so; gives what was read and what was asked. */
export async function readFrom(
  answer: Answers,
  filter = PAYMENTS,
): Promise<TraceReading & { readonly asked: readonly URL[] }> {
  const server = await startRecordedTempo((url) => {
    const found = answer(url, url.searchParams.get("q") ?? "");
    return found ?? (url.pathname.startsWith("/api/metrics") ? json({ series: [] }) : recorded("search-empty"));
  });
  const source = await openTempo(server.config, { now: () => WINDOW.to + 600_000 });
  try {
    const question = { filter, window: WINDOW, baseline: BASELINE, traces: 5 };
    return { ...(await source.read(question, AbortSignal.timeout(5_000))), asked: server.asked };
  } finally {
    await source.close();
    await server.close();
  }
}

/** Whether failed traces are searched. */
export const isFailedSearch = (url: URL, q: string): boolean =>
  url.pathname === "/api/search" && q.includes("status = error");
/** Whether it is asked about the window, and not the time before. */
export const isOfWindow = (url: URL): boolean => Number(url.searchParams.get("end")) > WINDOW.from / 1_000 + 1;

/** An answer of a metrics query. */
export function series(rows: readonly (readonly [Readonly<Record<string, unknown>>, number])[]): Answer {
  return json({
    series: rows.map(([labels, value]) => ({
      labels: Object.entries(labels).map(([key, one]) => ({ key, value: one })),
      // a zero is left out
      ...(value !== 0 && { value }),
    })),
  });
}

/** A value of OTLP JSON. */
export const text = (stringValue: string): { readonly stringValue: string } => ({ stringValue });

/** 380 spans in the window, 31 of which failed; half as many before, none of which did. */
export function counts(url: URL, q: string): Answer | undefined {
  if (q.includes("count_over_time")) {
    const labels = { "resource.service.name": text("payments") };
    return series([
      [{ ...labels, status: text("unset") }, isOfWindow(url) ? 349 : 190],
      [{ ...labels, status: text("error") }, isOfWindow(url) ? 31 : 0],
      [{ "resource.service.name": text("nil"), status: text("unset") }, 7],
    ]);
  }
  if (!q.includes("quantile_over_time")) return undefined;
  const of = (p: number): Readonly<Record<string, unknown>> => ({
    "resource.service.name": text("payments"),
    p: { doubleValue: p },
  });
  return series([
    [of(0.95), 0.25],
    [of(0.99), 0.5],
  ]);
}
