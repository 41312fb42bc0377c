import type { Kinds } from "../../config/schema.ts";
import { alertingMetrics } from "../../core/alerting-metrics.ts";
import { CONVERSATION_STATES } from "../../core/conversation.ts";
import { DELIVERY_REASONS } from "../../core/delivery-errors.ts";
import { COLLECT_REASONS } from "../../core/errors.ts";
import { evidenceMetrics } from "../../core/evidence-metrics.ts";
import type { Metric } from "../../core/metric.ts";
import { OWN_ALERTS } from "../../core/own-alerts.ts";
import { replicaMetrics } from "../../core/replica-metrics.ts";
import { scrapeMetrics } from "../../core/scrape-metrics.ts";
import { partMetrics, processMetrics } from "../../core/self-metrics.ts";
import { sloMetrics } from "../../core/slo-metrics.ts";
import { sloSelfMetrics } from "../../core/slo-self-metrics.ts";
import type { JsonSchema } from "../../lib/documents/schema-tree.ts";
import { isMapping } from "../../lib/documents/values.ts";
import { schemaWords } from "./public-settings.ts";

const SELF_METRICS: readonly Metric[] = [
  alertingMetrics,
  evidenceMetrics,
  partMetrics,
  processMetrics,
  replicaMetrics,
  scrapeMetrics,
  sloMetrics,
  sloSelfMetrics,
].flatMap((table) => Object.values<Metric>(table));

/** Sentences say one of them too: a target of `targets`, a node of `nodes`. */
const singular = (word: string): readonly string[] => (/[^s]s$/.test(word) ? [word, word.slice(0, -1)] : [word]);

/** What a schema tells of a setting, such as `default` and `format`: sentences about settings have the same words. */
function keywordsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keywordsOf);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([keyword, of]) => [
    keyword,
    ...(keyword === "properties" && isMapping(of) ? Object.values(of) : [of]).flatMap(keywordsOf),
  ]);
}

/**
 * What sentences of the product may say without naming anything of the person's, in lower case: the words of the schema
 * `root`, and the names of kinds, parts, metrics, labels, alerts, states and reasons.
 */
export function productWords({ collectors, alerts, notifiers }: Kinds, root: JsonSchema): ReadonlySet<string> {
  const parts = collectors.flatMap((collector) => collector.parts);
  const metrics = [...SELF_METRICS, ...parts.flatMap((part) => Object.values<Metric>(part.metrics))];
  const words = [
    ...schemaWords(root),
    ...keywordsOf(root),
    ...collectors.map(({ id }) => id),
    ...notifiers.map(({ type }) => type),
    ...parts.map(({ id }) => id),
    ...metrics.flatMap(({ name, labels }) => [name, ...labels]),
    ...[...alerts, ...Object.values(OWN_ALERTS)].map(({ name }) => name),
    ...CONVERSATION_STATES,
    ...Object.keys(DELIVERY_REASONS),
    ...Object.keys(COLLECT_REASONS),
  ];
  return new Set(words.flatMap(singular).map((word) => word.toLowerCase()));
}
