import type { SloRuleGroup } from "../model.ts";
import { printRuleGroup } from "./yaml.ts";

const WRITTEN_BY = "# Written by `watchkeeper slo generate`: change the SLO's specification instead.\n";

/** Characters of a piece of a file. */
const PIECE = 250_000;

/**
 * Groups as one rule file of Prometheus in pieces, for a stream or for `writeFile`: one YAML document, since Prometheus
 * loads no second one. Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
 */
export function* sloRuleFile(groups: Iterable<SloRuleGroup>): Generator<string> {
  const place = { first: "  - ", others: "    " };
  let piece = "";
  let isEmpty = true;
  for (const group of groups) {
    if (isEmpty) piece = `${WRITTEN_BY}groups:\n`;
    isEmpty = false;
    piece += printRuleGroup(group, place);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield isEmpty ? `${WRITTEN_BY}groups: []\n` : piece;
}

/** {@link sloRuleFile} as one text. */
export const renderSloRuleFile = (groups: Iterable<SloRuleGroup>): string => [...sloRuleFile(groups)].join("");

/** A resource for `kubectl apply --server-side`. */
export interface SloResource {
  readonly name: string;
  readonly text: string;
}

/** The resource's name before its number, where it goes and how the Prometheus operator finds it. */
export interface SloResourceOptions {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** etcd takes 1.5 MiB, the operator's ConfigMap 1 MiB; the rest is for what the API server adds. */
const MOST_BYTES = 900_000;

/**
 * Groups as PrometheusRule resources of the Prometheus operator, numbered, each small enough for Kubernetes: none is
 * over 900 kB unless one group alone is.
 * Source: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export function renderSloPrometheusRules(
  groups: Iterable<SloRuleGroup>,
  options: SloResourceOptions,
): readonly SloResource[] {
  const shards: string[][] = [];
  let room = 0;
  for (const group of groups) {
    const text = printRuleGroup(group, { first: "    - ", others: "      " });
    const bytes = Buffer.byteLength(text);
    if (bytes > room) {
      shards.push([]);
      room = MOST_BYTES;
    }
    shards.at(-1)?.push(text);
    room -= bytes;
  }
  return shards.map((texts, i) => {
    const name = `${options.name}-${i + 1}`;
    return { name, text: `${resourceHead(name, options)}${texts.join("")}` };
  });
}

function resourceHead(name: string, { namespace, labels = {} }: SloResourceOptions): string {
  const all = { "app.kubernetes.io/name": "watchkeeper", ...labels };
  return [
    `${WRITTEN_BY}apiVersion: monitoring.coreos.com/v1`,
    "kind: PrometheusRule",
    "metadata:",
    `  name: ${name}`,
    ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
    "  labels:",
    ...Object.entries(all).map(([label, value]) => `    ${label}: ${JSON.stringify(value)}`),
    "spec:",
    "  groups:\n",
  ].join("\n");
}
