import type { EvidenceConfig } from "../core/evidence-config.ts";
import type { BundleQuestion, EvidenceItem } from "../core/evidence.ts";
import type { TimeWindow } from "../core/telemetry.ts";

/** Where links may lead. */
export interface LinkTargets extends Pick<EvidenceConfig, "grafana"> {
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
  readonly prometheusUrl: string | undefined;
  readonly kibanaUrl: string | undefined;
  /** The field of logs that holds the message. */
  readonly messageField: string;
}

/** Where a person sees the same; undefined where there is no such place. */
export function itemLink(item: EvidenceItem, question: BundleQuestion, targets: LinkTargets): string | undefined {
  const { detail } = item;
  const span = { from: question.baseline.from, to: question.window.to };
  switch (detail.kind) {
    case "log_pattern":
      return logLink(phraseOf(detail.template), span, question, targets);
    case "field_value":
      return item.signal === "log_fields"
        ? logLink({ field: detail.field, phrase: detail.value }, question.window, question, targets)
        : undefined;
    case "metric":
      return metricLink(detail.expr, span, targets);
    case "trace":
      return `${targets.externalUrl}/traces/${detail.trace.traceId}`;
    case "exemplar":
      return `${targets.externalUrl}/traces/${detail.exemplar.traceId}`;
    case "service":
      return undefined;
    case "change":
      return detail.change.link;
  }
}

interface Phrase {
  /** Undefined is the message. */
  readonly field?: string;
  readonly phrase: string;
}

/** The longest run of words that are the same in all lines of a pattern. */
function phraseOf(template: string): Phrase {
  const runs = template.split("<*>").map((run) => run.trim());
  return { phrase: runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "") };
}

function logLink(
  { field, phrase }: Phrase,
  window: TimeWindow,
  { scope }: BundleQuestion,
  { grafana, kibanaUrl, messageField }: LinkTargets,
): string | undefined {
  const name = field ?? messageField;
  const services = scope.filter.services.map((service) => quoted(service)).join(" OR ");
  const text = phrase === "" ? "" : `${name.replaceAll(/([\\\s:()])/g, "\\$1")}:${quoted(phrase)}`;
  const query = [text, ...(services === "" ? [] : [`service.name:(${services})`])]
    .filter((part) => part !== "")
    .join(" AND ");
  if (grafana?.elasticsearch !== undefined)
    return exploreLink(grafana.url, grafana.elasticsearch, window, {
      query,
      metrics: [{ id: "1", type: "logs" }],
      timeField: "@timestamp",
    });
  if (kibanaUrl === undefined) return undefined;
  const time = `(from:'${iso(window.from)}',to:'${iso(window.to)}')`;
  const state = `(query:(language:lucene,query:${rison(query)}))`;
  return `${kibanaUrl}/app/discover#/?_g=${encodeURIComponent(`(time:${time})`)}&_a=${encodeURIComponent(state)}`;
}

function metricLink(expr: string, window: TimeWindow, { grafana, prometheusUrl }: LinkTargets): string | undefined {
  if (grafana?.prometheus !== undefined)
    return exploreLink(grafana.url, grafana.prometheus, window, { expr, range: true, instant: false });
  if (prometheusUrl === undefined) return undefined;
  const search = new URLSearchParams({
    "g0.expr": expr,
    "g0.tab": "0",
    "g0.range_input": `${Math.ceil((window.to - window.from) / 1_000)}s`,
    "g0.end_input": iso(window.to).slice(0, 19).replace("T", " "),
  });
  return `${prometheusUrl}/graph?${search.toString()}`;
}

/** Source: https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#share-explore-urls */
function exploreLink(url: string, uid: string, { from, to }: TimeWindow, query: object): string {
  const pane = {
    datasource: uid,
    queries: [{ refId: "A", datasource: { uid }, ...query }],
    range: { from: String(from), to: String(to) },
  };
  return `${url}/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`;
}

const quoted = (text: string): string => `"${text.replaceAll(/(["\\])/g, "\\$1")}"`;

const rison = (text: string): string => `'${text.replaceAll("!", "!!").replaceAll("'", "!'")}'`;

const iso = (at: number): string => new Date(at).toISOString();
