import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { Scope } from "../../core/evidence.ts";
import type { MetricSource } from "../../core/telemetry.ts";
import { makeBundle, type BundleOptions } from "../../correlation/bundle.ts";
import { resolveScope } from "../../correlation/scope/scope.ts";
import { askedLabels } from "./known-labels.ts";
import type { Place, PlaceMetrics } from "./place.ts";
import { questionOf, windowsFor } from "./question.ts";

/** The metrics of a place's services, those first that left their course; undefined without a source of metrics. */
export async function metricsOf(
  { services, window }: Place,
  metrics: MetricSource | undefined,
  evidence: EvidenceConfig,
  means: Omit<BundleOptions, "sources">,
): Promise<PlaceMetrics | undefined> {
  if (metrics === undefined) return undefined;
  const windows = windowsFor(window, evidence.baseline);
  const scopes = await Promise.all(services.map((service) => scopeOf(service, evidence, windows.window, means)));
  const scope = { entities: scopes.flatMap(({ entities }) => entities), filter: NOTHING, notes: [] };
  const { reports } = await makeBundle(questionOf(scope, windows, evidence), {
    ...means,
    sources: { metrics, changes: [] },
  });
  const report = reports.find(({ signal }) => signal === "metrics");
  return report && { ...report, ...windows };
}

const NOTHING: Scope["filter"] = { services: [], namespaces: [], pods: [], hosts: [] };

/** The service alone, without what stands beside it. */
const scopeOf = (
  service: string,
  { labels: names }: EvidenceConfig,
  window: Place["window"],
  { deadline, signal }: Pick<BundleOptions, "deadline" | "signal">,
): Promise<Scope> => {
  const labelMap = askedLabels({ service }, { names, relations: [] });
  return resolveScope({ service }, { labelMap, relations: [], window, deadline, signal });
};
