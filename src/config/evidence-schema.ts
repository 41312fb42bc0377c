import { RE2JS } from "re2js";
import { z } from "zod";
import { durationField, secretPair, tlsFields, urlField } from "../core/config-fields.ts";
import { days, hours, minutes, seconds } from "../core/duration.ts";
import { ENTITY_KINDS, type EntityKind } from "../core/entity-kinds.ts";
import { LOG_FIELDS, type EvidenceConfig } from "../core/evidence-config.ts";
import { loginSchema } from "./login-schema.ts";
import { prometheusSchema } from "./prometheus-schema.ts";

const apiKey = secretPair("api_key", "API key of Elasticsearch, the field `encoded` of its answer.");
const name = z.string().min(1, "must not be empty").max(256);

const serverFields = {
  url: urlField().describe("Its URL, up to what comes before `/api`."),
  login: loginSchema.optional().describe("How to log in, if it asks."),
  ...tlsFields,
};

const elasticsearchSchema = z
  .strictObject({
    nodes: z
      .array(urlField())
      .min(1)
      .max(32)
      .describe("URLs of nodes of Elasticsearch 8 or 9; the next is asked when one is down."),
    indices: z
      .array(name.regex(/^[^\s/?#]+$/, "must be a pattern of indices, such as logs-*"))
      .min(1)
      .max(64)
      .prefault(["logs-*"])
      .describe("Indices, data streams and patterns of them that hold logs."),
    ...apiKey.fields,
    login: loginSchema.optional().describe("How to log in in place of `api_key`."),
    ...tlsFields,
    fields: z
      .partialRecord(z.enum(LOG_FIELDS), name)
      .prefault({})
      .describe(
        `Names of fields where they are not those of ECS or OpenTelemetry, such as \`service: app\`: ${LOG_FIELDS.join(", ")}; the others are found.`,
      ),
    kibana_url: urlField().optional().describe("Kibana's address, for links."),
  })
  .superRefine((config, context) => {
    const given = [config.api_key, config.api_key_file, config.login].filter((one) => one !== undefined);
    if (given.length > 1)
      context.addIssue({ code: "custom", message: "takes one of api_key, api_key_file and login: keep one" });
  })
  .transform((config) => ({
    nodes: config.nodes,
    indices: config.indices,
    apiKey: apiKey.source(config),
    login: config.login,
    caFile: config.ca_file,
    fingerprint: config.fingerprint,
    serverName: config.server_name,
    fields: config.fields,
    kibanaUrl: config.kibana_url,
  }))
  .transform(({ apiKey: key, ...rest }) => ({
    ...rest,
    apiKey: key.value === undefined && key.file === undefined ? undefined : key,
  }));

const tracesSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("tempo").describe("Grafana Tempo 2 or 3."),
      ...serverFields,
      tenant: z.string().min(1).optional().describe("Tenant, sent in the header `X-Scope-OrgID`."),
    }),
    z.strictObject({ kind: z.literal("jaeger").describe("Jaeger 2, by its HTTP API."), ...serverFields }),
  ])
  .transform(({ kind, url, login, ca_file: caFile, fingerprint, server_name: serverName, ...rest }) => ({
    kind,
    url,
    login,
    caFile,
    fingerprint,
    serverName,
    tenant: "tenant" in rest ? rest.tenant : undefined,
  }));

const limitsSchema = z.strictObject({
  lines: z
    .int()
    .min(100)
    .max(100_000)
    .default(10_000)
    .describe("Log lines that are read of the window, and as many of the time before it."),
  series: z.int().min(10).max(5_000).default(1_000).describe("Series that are read."),
  traces: z
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe("Traces that are named of those that failed, and of the slow ones."),
});

const pattern = z.string().min(1).refine(isPattern, "must be a regular expression as RE2 and Go have them");

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

/** The labels that name things, as they are common; `evidence.labels` puts others in their place, kind by kind. */
const COMMON_LABELS: Readonly<Partial<Record<EntityKind, readonly string[]>>> = {
  service: ["service", "service_name", "app", "app_kubernetes_io_name"],
  namespace: ["namespace", "kubernetes_namespace", "service_namespace"],
  pod: ["pod", "pod_name", "kubernetes_pod_name"],
  node: ["node", "nodename", "host", "hostname"],
};

const commonLabels = (): string =>
  Object.entries(COMMON_LABELS)
    .map(([kind, labels]) => `${kind}: ${labels.join(", ")}`)
    .join("; ");

/** The section `evidence`. */
export const evidenceSchema = z
  .strictObject({
    elasticsearch: elasticsearchSchema.optional().describe("Where logs are. Without it none are read."),
    traces: tracesSchema.optional().describe("Where traces are. Without it none are read."),
    prometheus: prometheusSchema
      .optional()
      .describe(
        "Where the metrics of what fires are, when that is another Prometheus than that of the section `prometheus`.",
      ),
    labels: z
      .partialRecord(z.enum(ENTITY_KINDS), z.array(name).min(1).max(16))
      .prefault({})
      .describe(
        `Labels of alerts that name a thing, the best first, by its kind: ${ENTITY_KINDS.join(", ")}. In place of those that are common, which are ${commonLabels()}.`,
      ),
    before: durationField(minutes(1), hours(6))
      .prefault("10m")
      .describe("How long before the beginning of an alert its window begins."),
    after: durationField(minutes(1), hours(6))
      .prefault("5m")
      .describe("How long after the beginning of an alert its window ends at the latest."),
    baseline: durationField(minutes(10), days(2))
      .prefault("1h")
      .describe("How long the time before the window is that it is compared with."),
    deadline: durationField(seconds(1), minutes(2)).prefault("10s").describe("How long each source may take."),
    limits: limitsSchema.prefault({}).describe("How much is read."),
    enrich_per_minute: z
      .int()
      .min(0)
      .max(600)
      .default(20)
      .describe("Groups of alerts a minute whose messages get evidence, the most urgent first; 0 for none."),
    scrub: z
      .array(pattern)
      .max(100)
      .prefault([])
      .describe(
        "Regular expressions of what is not to be shown, besides the tokens, keys and passwords that are known by their look.",
      ),
    retention: durationField(days(1), days(400)).prefault("30d").describe("How long evidence and changes are kept."),
    grafana: z
      .strictObject({
        url: urlField().describe("Grafana's address."),
        elasticsearch: name.optional().describe("Uid of the data source of the logs."),
        tempo: name.optional().describe("Uid of the data source of the traces."),
        prometheus: name.optional().describe("Uid of the data source of the metrics."),
      })
      .transform(({ url, elasticsearch, tempo, prometheus }) => ({ url, elasticsearch, tempo, prometheus }))
      .optional()
      .describe("Where links lead that show the same in Grafana."),
  })
  .transform(({ enrich_per_minute: enrichPerMinute, labels, ...rest }): EvidenceConfig => ({
    elasticsearch: rest.elasticsearch,
    traces: rest.traces,
    prometheus: rest.prometheus,
    labels: { ...COMMON_LABELS, ...labels },
    before: rest.before,
    after: rest.after,
    baseline: rest.baseline,
    deadline: rest.deadline,
    limits: rest.limits,
    enrichPerMinute,
    scrub: rest.scrub,
    retention: rest.retention,
    grafana: rest.grafana,
  }));
