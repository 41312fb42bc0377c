import type { Check } from "./fault.ts";
import { links } from "./links.ts";
import { elasticsearch, traceql } from "./searches.ts";
import { dataSources, identity, ids, layout, panelTypes } from "./structure.ts";
import { thresholds } from "./thresholds.ts";
import { declaredMetrics, fittingVariables, knownVariables, narrowed } from "./variables.ts";

/** What dashboard-linter does not look at. */
export const OWN_CHECKS = {
  identity: { wants: "a uid of at most 40 characters, a title, and both only once", check: identity },
  layout: { wants: "panels within 24 columns, none over another", check: layout },
  ids: { wants: "panels and rows have numbers of their own, 1 or more", check: ids },
  "panel-types": { wants: "panels that Grafana has by itself, none of Angular", check: panelTypes },
  "data-sources": { wants: "only Prometheus, Elasticsearch, Tempo and Alertmanager are asked", check: dataSources },
  variables: {
    wants:
      "`$x`, `${x}`, `${x:format}` and `[[x]]` are variables of the dashboard or of Grafana, those of values in links only",
    check: knownVariables,
  },
  "several-values": {
    wants: "a variable of several values stands after `=~` or `!~`, and never within quotes of Lucene",
    check: fittingVariables,
  },
  narrowed: { wants: "a query of a metric with the label of a variable is narrowed by it", check: narrowed },
  "declared-metrics": { wants: "metrics that a pack, or the engine for traces, declares", check: declaredMetrics },
  links: {
    wants: "links lead to dashboards that there are, set variables that they have, and name runbooks that there are",
    check: links,
  },
  elasticsearch: {
    wants:
      "Lucene that is whole, fields of ECS or OpenTelemetry, metrics that Grafana takes; also in links into Explore",
    check: elasticsearch,
  },
  traceql: {
    wants: "TraceQL whose braces, texts and comparisons are whole; also in links into Explore",
    check: traceql,
  },
  thresholds: {
    wants:
      "colours are those of the alerts whose rules compare the same expression, read from the text of the rules; no others",
    check: thresholds,
  },
} as const satisfies Readonly<Record<string, { readonly wants: string; readonly check: Check }>>;
