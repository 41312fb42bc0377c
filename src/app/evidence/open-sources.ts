import { pagedGroups } from "../../alerting/repair/paged-groups.ts";
import type { AlertGroup } from "../../core/alert-group.ts";
import { milliseconds } from "../../core/duration.ts";
import { asCollectError } from "../../core/errors.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { BundleQuestion } from "../../core/evidence.ts";
import type { Finding } from "../../core/pack.ts";
import type { ChangeSource, LogSource, MetricSource, TraceSource } from "../../core/telemetry.ts";
import { alertChanges } from "../../correlation/changes/alerts.ts";
import { storedChanges } from "../../correlation/changes/stored.ts";
import { openMetricSource } from "../../correlation/prometheus/source.ts";
import { metricChanges } from "../../correlation/prometheus/changes.ts";
import { openPrometheus } from "../prometheus.ts";
import type { DeskOptions, DeskStore } from "./desk-options.ts";

/** The configured sources, open until they are closed. */
export interface OpenSources {
  readonly logs: LogSource | undefined;
  readonly traces: TraceSource | undefined;
  readonly metrics: MetricSource | undefined;
  /** Who tells of changes, other alerts left out. */
  readonly changes: readonly ChangeSource[];
  /** Who tells of other alerts that may have caused what is asked about. */
  alertsOf(question: BundleQuestion): ChangeSource | undefined;
  check(signal: AbortSignal): Promise<readonly SourceFindings[]>;
  close(): Promise<void>;
}

/** What was found of one source. */
export interface SourceFindings {
  readonly source: string;
  readonly findings: readonly Finding[];
}

/** What the sources are opened with. */
export type SourcesOptions = Pick<DeskOptions, "evidence" | "prometheus" | "inhibitions" | "store">;

/** Opens what is configured; the clients are loaded only then. Throws `CollectError` when a file can not be used. */
export async function openSources({ evidence, prometheus, inhibitions, store }: SourcesOptions): Promise<OpenSources> {
  const logs = await openElasticsearchOf(evidence.elasticsearch);
  const traces = await openTracesOf(evidence.traces);
  const opened = prometheus && (await openPrometheus(prometheus));
  const metrics = opened && openMetricSource(opened.target, { patience: milliseconds(PATIENCE * evidence.deadline) });
  const named = { elasticsearch: logs, [evidence.traces?.kind ?? "traces"]: traces, prometheus: metrics };
  return {
    logs,
    traces,
    metrics,
    changes: [
      ...(metrics === undefined ? [] : [metricChanges(metrics)]),
      ...(store === undefined ? [] : [storedChanges(store)]),
    ],
    alertsOf: (question) => store && otherAlerts(store, question, inhibitions),
    check: (signal) =>
      Promise.all(
        Object.entries(named).flatMap(([source, one]) => (one === undefined ? [] : [checkOne(source, one, signal)])),
      ),
    async close() {
      await Promise.all([logs?.close(), traces?.close(), metrics?.close()]);
    },
  };
}

async function checkOne(source: string, one: Pick<LogSource, "check">, signal: AbortSignal): Promise<SourceFindings> {
  try {
    return { source, findings: await one.check(signal) };
  } catch (thrown) {
    const { reason, message } = asCollectError(thrown);
    return { source, findings: [{ subject: "check", ok: false, message: `${reason}: ${message}` }] };
  }
}

/**
 * Opens the configured Elasticsearch, whose client is loaded only then. Throws `CollectError` when a file can not be
 * used.
 */
export async function openElasticsearchOf(config: EvidenceConfig["elasticsearch"]): Promise<LogSource | undefined> {
  return config && (await import("../../correlation/elasticsearch/source.ts")).openElasticsearch(config);
}

/** Opens the configured Tempo or Jaeger. Throws `CollectError` when a file can not be used. */
export async function openTracesOf(config: EvidenceConfig["traces"]): Promise<TraceSource | undefined> {
  if (config === undefined) return undefined;
  return config.kind === "tempo"
    ? (await import("../../correlation/tempo/source.ts")).openTempo(config)
    : (await import("../../correlation/jaeger/source.ts")).openJaeger(config);
}

const otherAlerts = (
  store: DeskStore,
  { alert }: BundleQuestion,
  inhibitions: SourcesOptions["inhibitions"],
): ChangeSource => alertChanges({ groups: () => keptGroups(store), asked: alert, inhibitions });

/** Share of the deadline after which what was read of the metrics is kept, and no more asked for. */
const PATIENCE = 0.8;

/** There may be very many after a storm. */
const MOST_GROUPS = 5_000;

async function keptGroups(store: DeskStore): Promise<readonly AlertGroup[]> {
  const found: AlertGroup[] = [];
  for await (const page of pagedGroups(store, { openOnly: false })) {
    found.push(...page);
    if (found.length >= MOST_GROUPS) break;
  }
  return found;
}
