import type { EvidenceConfig } from "../core/evidence-config.ts";
import type { BundleQuestion, EvidenceItem } from "../core/evidence.ts";
import type { LogNames, TelemetryFilter, TimeWindow } from "../core/telemetry.ts";
import { KNOWN_NAMES } from "./elasticsearch/field-names.ts";
import { allOf, hasValue, quote } from "./tempo/traceql.ts";
import { REDACTED } from "../lib/scrub/looks.ts";

/** Where links may lead. */
export interface LinkTargets extends Pick<EvidenceConfig, "grafana"> {
  /** Watchkeeper's own address, without a slash at the end; undefined where nobody knows it. */
  readonly externalUrl: string | undefined;
  readonly prometheusUrl: string | undefined;
  readonly kibanaUrl: string | undefined;
  /** How the fields of logs are named, as they were found; ECS' and OpenTelemetry's names where nothing was. */
  readonly logNames?: LogNames | undefined;
  /** Which spans were looked at for their attributes; see `TraceReading`. */
  readonly selection?: string | undefined;
}

/** What finds the same where the source is asked; undefined where a link says all. */
export function itemQuery({ detail, signal }: EvidenceItem, { selection }: LinkTargets): string | undefined {
  if (signal !== "trace_attributes" || detail.kind !== "field_value" || selection === undefined) return undefined;
  return !selection.includes(REDACTED) && isWhole(detail.value)
    ? `{ ${allOf([selection, hasValue(detail.field, detail.value)])} }`
    : undefined;
}

/** What is not shown, or was cut, can not be asked for. */
const isWhole = (value: string): boolean => !value.includes(REDACTED) && !value.endsWith("…");

/** Where a person sees the same; undefined where there is no such place. */
export function itemLink(item: EvidenceItem, question: BundleQuestion, targets: LinkTargets): string | undefined {
  const { detail } = item;
  const span = { from: question.baseline.from, to: question.window.to };
  switch (detail.kind) {
    case "log_pattern":
      return logLink(phraseOf(detail.template), span, question, targets);
    case "field_value":
      if (item.signal === "trace_attributes") return traceqlLink(itemQuery(item, targets), question.window, targets);
      return isWhole(detail.value)
        ? logLink({ field: detail.field, phrase: detail.value }, question.window, question, targets)
        : undefined;
    case "metric":
      return metricLink(detail.expr, span, targets);
    case "trace":
      return traceLink(detail.trace.traceId, span, targets);
    case "exemplar":
      return traceLink(detail.exemplar.traceId, span, targets);
    case "service":
      return item.signal === "logs"
        ? logLink({ phrase: "" }, span, question, targets)
        : serviceLink(detail, detail.what === "fell_silent" ? span : question.window, targets);
    case "change":
      return detail.change.link;
  }
}

interface Phrase {
  /** Undefined is the message. */
  readonly field?: string;
  readonly phrase: string;
}

/** The longest run of words that are the same in all lines of a pattern, and as they are in the lines. */
function phraseOf(template: string): Phrase {
  const runs = template.split(/<\*>|<redacted>/).map((run) => run.trim());
  return { phrase: runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "") };
}

function logLink(
  { field, phrase }: Phrase,
  window: TimeWindow,
  { scope }: BundleQuestion,
  { grafana, kibanaUrl, logNames = USUAL_NAMES }: LinkTargets,
): string | undefined {
  const text = phrase === "" ? [] : [anyOf(isOneOf(field === undefined ? logNames.message : [field], [phrase]))];
  const query = [...text, ...belonging(scope.filter, logNames)].filter((part) => part !== "").join(" AND ");
  if (grafana?.elasticsearch !== undefined)
    return exploreLink(grafana.url, grafana.elasticsearch, window, {
      query,
      metrics: [{ id: "1", type: "logs" }],
      timeField: logNames.timestamp?.[0] ?? "@timestamp",
    });
  if (kibanaUrl === undefined) return undefined;
  const time = `(from:'${iso(window.from)}',to:'${iso(window.to)}')`;
  const state = `(query:(language:lucene,query:${rison(query)}))`;
  return `${kibanaUrl}/app/discover#/?_g=${encodeURIComponent(`(time:${time})`)}&_a=${encodeURIComponent(state)}`;
}

/** Those of ECS, and of OpenTelemetry's own mapping. */
const USUAL_NAMES: LogNames = Object.fromEntries(
  Object.entries(KNOWN_NAMES).map(([meaning, names]) => [meaning, names.slice(0, 2)]),
);

/** As a line belongs to a filter, in Lucene's words. */
function belonging({ services, pods, hosts, namespaces }: TelemetryFilter, names: LogNames): readonly string[] {
  const things = [...isOneOf(names.service, services), ...isOneOf(names.pod, pods), ...isOneOf(names.host, hosts)];
  const spaces = isOneOf(names.namespace, namespaces);
  if (things.length === 0) return [anyOf(spaces)];
  const without = (names.namespace ?? []).map((name) => `NOT _exists_:${escaped(name)}`);
  return [anyOf(things), ...(spaces.length === 0 ? [] : [anyOf([...spaces, `(*:* AND ${without.join(" AND ")})`])])];
}

const isOneOf = (names: readonly string[] = [], values: readonly string[]): readonly string[] => {
  const [first = "", ...others] = values.map(quoted);
  if (first === "") return [];
  return names.map(
    (name) => `${escaped(name)}:${others.length === 0 ? first : `(${[first, ...others].join(" OR ")})`}`,
  );
};

const anyOf = (parts: readonly string[]): string => (parts.length > 1 ? `(${parts.join(" OR ")})` : (parts[0] ?? ""));

const escaped = (name: string): string => name.replaceAll(/([\\\s:()/])/g, "\\$1");

function traceLink(traceId: string, window: TimeWindow, { grafana, externalUrl }: LinkTargets): string | undefined {
  if (grafana?.tempo === undefined) return externalUrl === undefined ? undefined : `${externalUrl}/traces/${traceId}`;
  return exploreLink(grafana.url, grafana.tempo, window, { query: traceId, queryType: "traceql" });
}

function traceqlLink(query: string | undefined, window: TimeWindow, { grafana }: LinkTargets): string | undefined {
  if (grafana?.tempo === undefined || query === undefined) return undefined;
  return exploreLink(grafana.url, grafana.tempo, window, { query, queryType: "traceql" });
}

/** The spans of a service that fail, or take longer than nearly all did before; all of one that fell silent. */
function serviceLink(
  { service, what, p95Ms }: Extract<EvidenceItem["detail"], { kind: "service" }>,
  window: TimeWindow,
  targets: LinkTargets,
): string | undefined {
  const isMeant = {
    fails: " && status = error",
    is_slow: ` && duration > ${Math.round((p95Ms?.baseline ?? 0) * 1_000)}us`,
    fell_silent: "",
    grew: "",
  }[what];
  return traceqlLink(`{ resource.service.name = ${quote(service)}${isMeant} }`, window, targets);
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
