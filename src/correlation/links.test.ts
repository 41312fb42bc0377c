import { describe, expect, it } from "vitest";
import type { BundleQuestion, EvidenceItem } from "../core/evidence.ts";
import type { TelemetryFilter } from "../core/telemetry.ts";
import { itemLink, itemQuery, type LinkTargets } from "./links.ts";

const question: BundleQuestion = {
  scope: {
    entities: [],
    filter: { services: ['sh"op'], namespaces: [], pods: [], hosts: [] },
    notes: [],
  },
  window: { from: Date.parse("2026-11-27T03:00:00Z"), to: Date.parse("2026-11-27T03:15:00Z") },
  baseline: { from: Date.parse("2026-11-27T02:00:00Z"), to: Date.parse("2026-11-27T03:00:00Z") },
  limits: { lines: 1, series: 1, traces: 1 },
  seed: 1,
};

const NOTHING: TelemetryFilter = { services: [], namespaces: [], pods: [], hosts: [] };

const bare: LinkTargets = {
  externalUrl: "http://watchkeeper.example.org",
  prometheusUrl: "http://prometheus.example.org",
  kibanaUrl: undefined,
  grafana: undefined,
};
const grafana = {
  url: "https://grafana.example.org",
  elasticsearch: "es-uid",
  tempo: "tempo-uid",
  prometheus: "prom-uid",
};

const itemOf = (detail: EvidenceItem["detail"], signal: EvidenceItem["signal"]): EvidenceItem => ({
  id: "x",
  signal,
  title: "x",
  score: 1,
  isSignificant: true,
  numbers: { statistic: "g2", value: 1 },
  detail,
});

const pattern = itemOf(
  {
    kind: "log_pattern",
    template: 'user <*> said "no such order" to <*>',
    sample: "",
    firstSeenAt: 0,
    isNew: true,
    services: [],
  },
  "logs",
);
const metric = itemOf(
  {
    kind: "metric",
    metric: "up",
    expr: 'up{job="a b"}',
    labels: {},
    window: [],
    before: [],
    yesterday: [],
    lastWeek: [],
  },
  "metrics",
);

const paneOf = (link: string | undefined) =>
  (JSON.parse(new URL(link ?? "").searchParams.get("panes") ?? "{}") as { a: Record<string, unknown> }).a;

describe("itemLink", () => {
  it("leads to Prometheus, at the very time, where there is no Grafana", () => {
    const url = new URL(itemLink(metric, question, bare) ?? "");
    expect(url.origin + url.pathname).toBe("http://prometheus.example.org/graph");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      "g0.expr": 'up{job="a b"}',
      "g0.range_input": "4500s",
      "g0.end_input": "2026-11-27 03:15:00",
    });
  });

  it("leads to Grafana's Explore with the data source, the query and the time", () => {
    expect(paneOf(itemLink(metric, question, { ...bare, grafana }))).toMatchObject({
      datasource: "prom-uid",
      queries: [{ expr: 'up{job="a b"}' }],
      range: { from: String(question.baseline.from), to: String(question.window.to) },
    });
    const pane = paneOf(itemLink(pattern, question, { ...bare, grafana })) as { queries: { query: string }[] };
    expect(pane.queries[0]?.query).toBe(
      String.raw`(message:"said \"no such order\" to" OR body.text:"said \"no such order\" to") AND ` +
        String.raw`(service.name:"sh\"op" OR resource.attributes.service.name:"sh\"op")`,
    );
  });

  it("asks for lines by the fields that they were found by", () => {
    const logNames = {
      timestamp: ["ts"],
      message: ["msg"],
      service: ["app"],
      pod: ["k8s.pod"],
      host: ["kubernetes.labels.io/host"],
      namespace: ["ns"],
    };
    const linkOf = (filter: Partial<TelemetryFilter>) => {
      const scope = { ...question.scope, filter: { ...NOTHING, ...filter } };
      const pane = paneOf(itemLink(pattern, { ...question, scope }, { ...bare, grafana, logNames }));
      return (pane as { queries: { query: string; timeField: string }[] }).queries[0];
    };
    const message = String.raw`msg:"said \"no such order\" to"`;
    expect(linkOf({ services: ["shop", "bank"] })).toMatchObject({
      query: `${message} AND app:("shop" OR "bank")`,
      timeField: "ts",
    });
    // a line whose namespace is not known belongs too, as it did when it was read
    expect(linkOf({ services: ["shop"], pods: ["shop-1"], namespaces: ["prod"] })?.query).toBe(
      `${message} AND (app:"shop" OR k8s.pod:"shop-1") AND (ns:"prod" OR (*:* AND NOT _exists_:ns))`,
    );
    expect(linkOf({ hosts: ["h"] })?.query).toBe(String.raw`${message} AND kubernetes.labels.io\/host:"h"`);
    expect(linkOf({ namespaces: ["prod"] })?.query).toBe(`${message} AND ns:"prod"`);
  });

  it("leads to Kibana where that is what there is", () => {
    const link = itemLink(pattern, question, { ...bare, kibanaUrl: "https://kibana.example.org" }) ?? "";
    expect(link).toMatch(/^https:\/\/kibana\.example\.org\/app\/discover#\/\?_g=/);
    expect(decodeURIComponent(link)).toContain("from:'2026-11-27T02:00:00.000Z',to:'2026-11-27T03:15:00.000Z'");
  });

  it("leads to Watchkeeper's own page of a trace", () => {
    const trace = itemOf(
      { kind: "trace", trace: { traceId: "ab".repeat(16), startsAt: 0, durationMs: 1 }, why: "slow" },
      "traces",
    );
    expect(itemLink(trace, question, bare)).toBe(`http://watchkeeper.example.org/traces/${"ab".repeat(16)}`);
  });

  it("leads to Grafana's traces where they are", () => {
    const trace = { traceId: "ab".repeat(16), startsAt: 0, durationMs: 1 };
    const slow = { kind: "service", service: "shop", what: "is_slow", p95Ms: { window: 900, baseline: 12.5 } } as const;
    const queryOf = (detail: EvidenceItem["detail"]) =>
      paneOf(itemLink(itemOf(detail, "traces"), question, { ...bare, grafana }))["queries"];
    const asked = { datasource: { uid: "tempo-uid" }, queryType: "traceql" };
    expect(queryOf({ kind: "trace", trace, why: "slow" })).toMatchObject([{ ...asked, query: trace.traceId }]);
    expect(queryOf({ kind: "service", service: 'sh"op', what: "fails" })).toMatchObject([
      { ...asked, query: String.raw`{ resource.service.name = "sh\"op" && status = error }` },
    ]);
    expect(queryOf(slow)).toMatchObject([{ query: '{ resource.service.name = "shop" && duration > 12500us }' }]);
    expect(queryOf({ kind: "service", service: "shop", what: "fell_silent" })).toMatchObject([
      { query: '{ resource.service.name = "shop" }' },
    ]);
    expect(itemLink(itemOf(slow, "traces"), question, bare)).toBeUndefined();
  });

  it("leads to all lines where a log fell silent", () => {
    const silent = itemOf({ kind: "service", service: "shop", what: "fell_silent" }, "logs");
    const [query] = paneOf(itemLink(silent, question, { ...bare, grafana }))["queries"] as readonly unknown[];
    expect(query).toMatchObject({ metrics: [{ type: "logs" }] });
  });

  it("gives the query of an attribute of spans, and leads to it in Grafana", () => {
    const selection = 'resource.service.name = "shop" && (kind = server || kind = consumer) && status = error';
    const attribute = (field: string, value: string): EvidenceItem =>
      itemOf({ kind: "field_value", field, value, comparison: "failed" }, "trace_attributes");
    const targets = { ...bare, grafana, selection };
    const pod = attribute("resource.k8s.pod.name", 'shop-"7"');
    const query = String.raw`{ ${selection} && resource.k8s.pod.name = "shop-\"7\"" }`;
    expect(itemQuery(pod, { ...bare, selection })).toBe(query);
    expect(itemLink(pod, question, { ...bare, selection })).toBeUndefined();
    const { queries, range } = paneOf(itemLink(pod, question, targets));
    expect(queries).toMatchObject([{ datasource: { uid: "tempo-uid" }, queryType: "traceql", query }]);
    expect(range).toStrictEqual({ from: String(question.window.from), to: String(question.window.to) });
    const conditionOf = (field: string, value: string): string | undefined =>
      itemQuery(attribute(field, value), targets)?.slice(selection.length + 6, -2);
    expect(conditionOf("span.http.response.status_code", "503")).toBe(
      '(span.http.response.status_code = "503" || span.http.response.status_code = 503)',
    );
    expect(conditionOf("name", "404")).toBe('name = "404"');
    expect(conditionOf("kind", "server")).toBe("kind = server");
    expect(conditionOf("span.the customer", "a")).toBe('span."the customer" = "a"');
    const digits = "1".repeat(18);
    expect(conditionOf("span.order", digits)).toBe(`(span.order = "${digits}" || span.order = ${digits})`);
    expect(conditionOf("span.order", `${digits}1`)).toBe(`span.order = "${digits}1"`);
    expect(itemQuery(attribute("span.sql", "select a, b, c fr…"), targets)).toBeUndefined();
    expect(itemQuery(attribute("span.token", "<redacted>"), targets)).toBeUndefined();
    expect(itemQuery(pod, bare)).toBeUndefined();
  });

  it("leads nowhere where there is no place that shows it", () => {
    expect(itemLink(pattern, question, bare)).toBeUndefined();
    expect(itemLink(metric, question, { ...bare, prometheusUrl: undefined })).toBeUndefined();
  });
});
