import type { SecretRef } from "./alerting-config.ts";
import type { Duration } from "./duration.ts";
import type { EntityKind } from "./entity-kinds.ts";

/** How a server over HTTP is reached and logged in at. */
export interface EvidenceServer {
  /** Without a final slash. */
  readonly url: string;
  readonly caFile: string | undefined;
  readonly fingerprint: string | undefined;
  readonly serverName: string | undefined;
  readonly login:
    | { readonly type: "bearer"; readonly token: SecretRef }
    | { readonly type: "basic"; readonly username: string; readonly password: SecretRef }
    | undefined;
}

/** What a field of a log document means; each is found by itself where a mapping is known. */
export const LOG_FIELDS = [
  "timestamp",
  "message",
  "level",
  "service",
  "trace",
  "span",
  "namespace",
  "pod",
  "host",
] as const;

/** One of {@link LOG_FIELDS}. */
export type LogField = (typeof LOG_FIELDS)[number];

/** An Elasticsearch with logs. */
export interface ElasticsearchConfig extends Omit<EvidenceServer, "url"> {
  /** URLs of nodes; the next is asked when one is down. */
  readonly nodes: readonly string[];
  /** `id:secret` encoded in base64, as Elasticsearch gives it; in place of `login`. */
  readonly apiKey: SecretRef | undefined;
  /** Patterns of indices and data streams. */
  readonly indices: readonly string[];
  /** Names of fields that can not be found by themselves. */
  readonly fields: Readonly<Partial<Record<LogField, string>>>;
  /** Kibana's address for links; without a final slash. */
  readonly kibanaUrl: string | undefined;
}

/** A Tempo or Jaeger with traces. */
export interface TracesConfig extends EvidenceServer {
  readonly kind: "tempo" | "jaeger";
  /** Tempo's tenant. */
  readonly tenant: string | undefined;
}

/** A Prometheus, Mimir or Thanos with metrics. */
export interface MetricsConfig extends Pick<EvidenceServer, "url" | "caFile"> {
  readonly login?: EvidenceServer["login"];
  /** Mimir's tenant. */
  readonly tenant?: string | undefined;
}

/** The section `evidence` of the configuration. */
export interface EvidenceConfig {
  readonly elasticsearch: ElasticsearchConfig | undefined;
  readonly traces: TracesConfig | undefined;
  /** Where metrics are, when that is not the Prometheus of the section `prometheus`. */
  readonly prometheus: MetricsConfig | undefined;
  /** Which labels of an alert name which kind of thing, the best first. */
  readonly labels: Readonly<Partial<Record<EntityKind, readonly string[]>>>;
  /** How long before an alert's beginning the window begins, and how long after it ends. */
  readonly before: Duration;
  readonly after: Duration;
  /** How long the time before the window is that it is compared with. */
  readonly baseline: Duration;
  /** How long a source may take. */
  readonly deadline: Duration;
  readonly limits: { readonly lines: number; readonly series: number; readonly traces: number };
  /** Messages get evidence; at most so many groups in a minute, 0 for none. */
  readonly enrichPerMinute: number;
  /** Patterns (RE2) of what is not to be shown, besides the secrets that are known by their look. */
  readonly scrub: readonly string[];
  /** How long bundles and changes are kept. */
  readonly retention: Duration;
  /** Data sources of Grafana for links: their uids. Links lead elsewhere without. */
  readonly grafana:
    | {
        readonly url: string;
        readonly elasticsearch: string | undefined;
        readonly tempo: string | undefined;
        readonly prometheus: string | undefined;
      }
    | undefined;
}
