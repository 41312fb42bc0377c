import { z } from "zod";
import type { TimeWindow } from "../../core/telemetry.ts";
import { looseText } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { attributeText } from "../spans/otlp-values.ts";
import type { Attributes } from "../spans/span-row.ts";
import { ask, METRICS_PATH, type TempoSession } from "./ask.ts";
import { protoAmount, protoList, protoText, protoWork } from "./proto-shapes.ts";

/** One value of a metrics query over the whole window; what Tempo leaves out is 0. */
export interface InstantSeries {
  /** Tempo's names, `nil` for what a span does not have. */
  readonly labels: Attributes;
  readonly value: number;
}

/** What a metrics query gave. */
export interface InstantAnswer {
  readonly series: readonly InstantSeries[];
  /** What Tempo says when it is not all. */
  readonly partial: string | undefined;
}

const instantShape = z
  .object({
    series: z
      .array(
        z.object({
          labels: protoList(z.object({ key: protoText, value: z.unknown().optional() })),
          value: protoAmount,
        }),
      )
      .optional(),
    metrics: protoWork,
    status: looseText,
    message: looseText,
  })
  // where nothing is counted the list may be left out, but not what was done for it
  .refine(({ series, metrics }) => series !== undefined || metrics !== undefined, "is no answer to a metrics query");

/**
 * A TraceQL metrics query over a window as a whole.
 * Source: https://grafana.com/docs/tempo/latest/api_docs/#traceql-metrics
 */
export async function instant(
  session: TempoSession,
  { purpose, q, window }: { readonly purpose: string; readonly q: string; readonly window: TimeWindow },
): Promise<InstantAnswer> {
  const body = await ask(session, { purpose, path: METRICS_PATH, window, params: { q } });
  if (body === undefined) return { series: [], partial: undefined };
  const { series = [], status, message } = readShape(instantShape, body, `GET ${METRICS_PATH}`);
  return {
    series: series.map(({ labels, value }) => ({
      labels: Object.fromEntries(labels.map(({ key, value: any }) => [key, attributeText(any) ?? ""])),
      value,
    })),
    partial: status === "PARTIAL" ? (message ?? "it does not say why") : undefined,
  };
}
