import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";

/** How a measurement, or a whole analysis, ended. */
export type AnalysisPhase = "Successful" | "Failed" | "Inconclusive" | "Error";

/** A metric of an AnalysisTemplate with the provider `web`; limits and times have Argo's defaults. */
export interface WebMetric {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `successCondition` and `failureCondition` over the whole parsed document, as by the `jsonPath` `{$}`. */
  readonly success: (result: never) => boolean;
  readonly failure?: (result: never) => boolean;
  readonly count?: number;
  readonly intervalMs?: number;
  readonly failureLimit?: number;
  readonly inconclusiveLimit?: number;
  readonly consecutiveErrorLimit?: number;
}

/** What one question gave: `value` is the parsed document, or the text of an error. */
export interface Measurement {
  readonly phase: AnalysisPhase;
  readonly value: unknown;
}

const TIMEOUT_MS = 10_000;

/**
 * Measures once as Argo Rollouts' web provider does: no answer in 10 s, a status that is not 2xx, a document that is
 * not JSON and a condition that can not be evaluated are errors. With one condition the other is its opposite; with
 * both, neither is inconclusive.
 * Sources: https://github.com/argoproj/argo-rollouts metricproviders/webmetric/webmetric.go, utils/evaluate/evaluate.go
 */
export async function measure({ url, headers = {}, success, failure }: WebMetric): Promise<Measurement> {
  try {
    const { statusCode, body } = await request(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await body.text();
    if (statusCode < 200 || statusCode >= 300) return { phase: "Error", value: `status ${statusCode}: ${text}` };
    const value = JSON.parse(text) as never;
    const succeeds = success(value);
    const fails = failure === undefined ? !succeeds : failure(value);
    return { phase: fails ? "Failed" : succeeds ? "Successful" : "Inconclusive", value };
  } catch (error) {
    return { phase: "Error", value: String(error) };
  }
}

/**
 * Measures `count` times and tells how the analysis ends: as soon as more measurements failed, were inconclusive or
 * (one after the other) were errors than is allowed, else successfully.
 * Source: https://github.com/argoproj/argo-rollouts analysis/analysis.go (assessMetricStatus),
 * docs/features/analysis.md
 */
export async function analyse(metric: WebMetric): Promise<{ phase: AnalysisPhase; measurements: Measurement[] }> {
  const { count = 1, intervalMs = 0, failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4 } = metric;
  const measurements: Measurement[] = [];
  const having = (phase: AnalysisPhase): number => measurements.filter((of) => of.phase === phase).length;
  // an error is no measurement, so that it is tried again
  while (measurements.length - having("Error") < count) {
    if (measurements.length > 0) await pause(intervalMs);
    measurements.push(await measure(metric));
    const errors = measurements.length - 1 - measurements.findLastIndex(({ phase }) => phase !== "Error");
    if (having("Failed") > failureLimit) return { phase: "Failed", measurements };
    if (having("Inconclusive") > inconclusiveLimit) return { phase: "Inconclusive", measurements };
    if (errors > consecutiveErrorLimit) return { phase: "Error", measurements };
  }
  return { phase: "Successful", measurements };
}

/**
 * Asks as Flagger's webhooks do: a POST with the canary's name, of whose answer only the status counts.
 * Source: https://github.com/fluxcd/flagger pkg/controller/webhook.go
 */
export async function callWebhook(url: string): Promise<{ readonly passes: boolean; readonly status: number }> {
  const { statusCode: status, body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "search", namespace: "shop", phase: "Progressing", metadata: {} }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await body.dump();
  return { passes: status <= 202, status };
}
