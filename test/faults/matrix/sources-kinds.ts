import { openPrometheus } from "../../../src/app/prometheus.ts";
import type { SecretRef } from "../../../src/core/alerting-config.ts";
import type { EvidenceSignal } from "../../../src/core/evidence.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { LogSource, TraceSource } from "../../../src/core/telemetry.ts";
import { openElasticsearch } from "../../../src/correlation/elasticsearch/source.ts";
import type { EvidenceSources } from "../../../src/correlation/gather.ts";
import { openJaeger } from "../../../src/correlation/jaeger/source.ts";
import { metricChanges } from "../../../src/correlation/prometheus/changes.ts";
import { openMetricSource } from "../../../src/correlation/prometheus/source.ts";
import { openTempo } from "../../../src/correlation/tempo/source.ts";
import { configOf } from "../../contract/elasticsearch-source-fixtures.ts";
import type { Reached, StartedServer } from "./behind-proxy.ts";
import { startJaeger, startLogs, startPrometheus, startTempo } from "./sources-world.ts";

const API_KEY = Buffer.from("matrix-id:matrix-placeholder").toString("base64");
const TOKEN = "matrix-token-placeholder";
/** What no text for people may hold. */
export const SOURCE_SECRETS: readonly string[] = [API_KEY, TOKEN];

const secret = (value: string): SecretRef => ({ value: new Secret(value), file: undefined });
/** How all of them are logged in at. */
export const LOGIN = { type: "bearer", token: secret(TOKEN) } as const;
const MIB = 1024 * 1024;
const UNPINNED = { fingerprint: undefined, serverName: undefined } as const;

/** A source of evidence: its server, and how it is opened. */
export interface EvidenceKind {
  /** The folder of its source. */
  readonly id: string;
  /** The signals that are read in it. */
  readonly signals: readonly EvidenceSignal[];
  /** The largest answer that is read, in bytes. */
  readonly mostBytes: number;
  /** Path of the one request whose answer is the huge one; all of them unless given. */
  readonly hugeAt?: string;
  readonly start: () => Promise<StartedServer>;
  readonly open: (reached: Reached) => Promise<OpenEvidence>;
}

/** A source that is open. */
export interface OpenEvidence {
  readonly sources: Partial<EvidenceSources>;
  close(): Promise<void>;
}

const ofLogs = (logs: LogSource): OpenEvidence => ({ sources: { logs }, close: () => logs.close() });
const ofTraces = (traces: TraceSource): OpenEvidence => ({ sources: { traces }, close: () => traces.close() });

/** Every source of evidence that has a server here. */
export const EVIDENCE_KINDS: readonly EvidenceKind[] = [
  {
    id: "elasticsearch",
    signals: ["logs", "log_fields"],
    mostBytes: 32 * MIB,
    start: () => startLogs(API_KEY),
    open: async ({ url, caFile }) =>
      ofLogs(await openElasticsearch(configOf({ nodes: [url], caFile, apiKey: secret(API_KEY) }))),
  },
  {
    id: "tempo",
    signals: ["traces", "trace_attributes"],
    mostBytes: 32 * MIB,
    start: startTempo,
    open: async (reached) =>
      ofTraces(await openTempo({ ...reached, ...UNPINNED, login: LOGIN, kind: "tempo", tenant: undefined })),
  },
  {
    id: "jaeger",
    signals: ["traces", "trace_attributes"],
    mostBytes: 32 * MIB,
    start: startJaeger,
    open: async (reached) =>
      ofTraces(await openJaeger({ ...reached, ...UNPINNED, login: LOGIN, kind: "jaeger", tenant: undefined })),
  },
  {
    id: "prometheus",
    signals: ["metrics", "changes"],
    hugeAt: "/api/v1/series",
    mostBytes: 64 * MIB,
    start: startPrometheus,
    open: async (reached) => {
      const { target, close } = await openPrometheus({ ...reached, login: LOGIN });
      const metrics = openMetricSource(target);
      return { sources: { metrics, changes: [metricChanges(metrics)] }, close };
    },
  },
];
