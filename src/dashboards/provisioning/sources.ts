import { spanMetrics } from "../content/span-metrics.ts";
import { DATA_SOURCES, type DataSource } from "../resolved.ts";
import { TRACE_ID_FIELDS, TRACE_ID_LABELS, logsOfTrace } from "./trace-ids.ts";

/** A data source, before it is written for one way of provisioning: a `$` stands for itself here. */
export interface ProvisionedSource {
  readonly name: string;
  readonly uid: string;
  readonly type: string;
  /** Environment variable, or key of the Secret, with its URL. */
  readonly url: string;
  /** The same for its login, if it may have one; both may be empty. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly jsonData: Readonly<Record<string, unknown>>;
}

/** Fixed, since data sources name one another and links name them. */
export const sourceUid = (source: DataSource): string => `watchkeeper-${source}`;

/** Clocks differ, and logs are written before and after the span; without a shift often none are found. */
const AROUND_SPAN = { spanStartTimeShift: "-5m", spanEndTimeShift: "5m" };

const spansOf = (metric: string): string => `rate(${metric}{$__tags}[$__rate_interval])`;

/** Source: https://grafana.com/docs/grafana/latest/datasources/prometheus/configure/#provision-the-data-source */
const prometheus = {
  httpMethod: "POST",
  prometheusType: "Prometheus",
  // Prometheus' own default; a `$__rate_interval` made of a shorter one than the scrapes' finds too few samples
  timeInterval: "1m",
  // lists of alerts show its rules
  manageAlerts: true,
  alertmanagerUid: sourceUid("alertmanager"),
  exemplarTraceIdDestinations: TRACE_ID_LABELS.map((name) => ({ name, datasourceUid: sourceUid("tempo") })),
};

/** Source: https://grafana.com/docs/grafana/latest/datasources/tempo/configure-tempo-data-source/provision/ */
const tempo = {
  tracesToLogsV2: {
    datasourceUid: sourceUid("elasticsearch"),
    ...AROUND_SPAN,
    filterByTraceID: false,
    filterBySpanID: false,
    customQuery: true,
    query: logsOfTrace("${__trace.traceId}"),
  },
  tracesToMetrics: {
    datasourceUid: sourceUid("prometheus"),
    ...AROUND_SPAN,
    tags: [{ key: "service.name", value: "service" }],
    queries: [
      {
        name: "Spans per second, by outcome",
        query: `sum by (status_code) (${spansOf(spanMetrics.calls.name)})`,
      },
      {
        name: "Latency p99",
        query: `histogram_quantile(0.99, sum by (le) (${spansOf(`${spanMetrics.latency.name}_bucket`)}))`,
      },
    ],
  },
  serviceMap: { datasourceUid: sourceUid("prometheus") },
  nodeGraph: { enabled: true },
};

/** Source: https://grafana.com/docs/grafana/latest/datasources/elasticsearch/configure/#provision-the-data-source */
const elasticsearch = {
  index: "logs-*",
  timeField: "@timestamp",
  timeInterval: "10s",
  maxConcurrentShardRequests: 5,
  logMessageField: "message",
  logLevelField: "log.level",
  // the field is a regular expression
  dataLinks: TRACE_ID_FIELDS.map((field) => ({
    field: `^${field.replaceAll(".", "\\.")}$`,
    url: "${__value.raw}",
    urlDisplayLabel: "Trace",
    datasourceUid: sourceUid("tempo"),
  })),
};

/** Source: https://grafana.com/docs/grafana/latest/datasources/alertmanager/#provision-the-alertmanager-data-source */
const alertmanager = { implementation: "prometheus", handleGrafanaManagedAlerts: false };

const source = (kind: DataSource, name: string, jsonData: ProvisionedSource["jsonData"]): ProvisionedSource => ({
  name: `Watchkeeper ${name}`,
  uid: sourceUid(kind),
  type: DATA_SOURCES[kind].type,
  url: `${kind.toUpperCase()}_URL`,
  jsonData,
});

/** What dashboards ask, and how one leads to the other. */
export const SOURCES: readonly ProvisionedSource[] = [
  source("prometheus", "Prometheus", prometheus),
  source("tempo", "Tempo", tempo),
  {
    ...source("elasticsearch", "Elasticsearch", elasticsearch),
    login: { user: "ELASTICSEARCH_USER", password: "ELASTICSEARCH_PASSWORD" },
  },
  source("alertmanager", "Alertmanager", alertmanager),
];
