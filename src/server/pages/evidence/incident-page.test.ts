import { describe, expect, it } from "vitest";
import { BEGAN, bundleOf, deploy, metric, pattern, version } from "../../../app/evidence/__fixtures__/bundle.ts";
import { alertOf } from "../../../app/deliveries/__fixtures__/world.ts";
import type { SloSummary } from "../../../app/slo/list-slos.ts";
import type { Incident } from "../../../app/evidence/incident.ts";
import { renderIncidentPage } from "./incident-page.ts";

const incidentOf = (over: Partial<Incident> = {}): Incident => ({
  bundle: bundleOf(),
  deliveries: [{ at: BEGAN + 1_000, destination: "chat", action: "open", isDone: true }],
  others: [],
  ...over,
});

const pageOf = (incident: Incident): string =>
  renderIncidentPage(incident, { hasAlerts: true, hasEvidence: true, now: BEGAN + 600_000, slos: [] });

/** The text of a page, without its marks. */
const textOf = (page: string): string =>
  page
    .replaceAll(/<style>.*?<\/style>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("the page of an incident", () => {
  it("begins with what stands out, the best first", () => {
    const text = textOf(pageOf(incidentOf()));
    const places = [pattern, version, deploy, metric].map(({ title }) =>
      text.indexOf(title.replaceAll("<*>", "&lt;*>").replaceAll("'", "&#39;")),
    );
    expect(places.filter((place) => place >= 0).length).toBeGreaterThanOrEqual(3);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
    expect(text.indexOf("What stands out")).toBeLessThan(text.indexOf("When"));
  });

  it("shows the numbers, an example and the statistic of each", () => {
    const text = textOf(pageOf(incidentOf()));
    expect(text).toContain("412 of 10,213 (4 %) in the window, 0 of 48,204 (0 %) before");
    expect(text).toContain("348 of 400 (87 %) of what failed, 1,200 of 10,000 (12 %) of the others");
    expect(text).toContain("G² 1,812, p &lt; 0.001".replace("&lt;", "&lt;"));
    expect(text).toContain("payment gateway refused order 4711: connection reset");
    expect(text).toContain("10,000 of 58,417 lines were read");
  });

  it("says at the top what could not be seen, and why", () => {
    const reports = bundleOf().reports.map((report) =>
      report.signal === "metrics"
        ? ({ ...report, verdict: "source_down", said: "Prometheus: connection_refused", items: [] } as const)
        : report,
    );
    const text = textOf(pageOf(incidentOf({ bundle: bundleOf({ reports }) })));
    expect(text.indexOf("What could not be seen")).toBeLessThan(text.indexOf("When"));
    expect(text).toContain("Metrics : Prometheus: connection_refused");
    expect(textOf(pageOf(incidentOf()))).not.toContain("What could not be seen");
  });

  it("tells each note once, with all signals that it is about", () => {
    const note = "Tempo 3 does not search the last 30 s";
    const bundle = bundleOf();
    const reports = bundle.reports.map((report) =>
      report.signal.startsWith("trace") ? { ...report, notes: [note] } : report,
    );
    const { question, trace } = bundle;
    const scope = { ...question.scope, notes: ["the neighbours of shop are not known: timeout"] };
    const text = textOf(
      pageOf(
        incidentOf({
          bundle: bundleOf({
            reports,
            question: { ...question, scope },
            ...(trace && { trace: { ...trace, notes: [note, "The trace is not whole."] } }),
          }),
        }),
      ),
    );
    expect(text.split(note)).toHaveLength(2);
    expect(text).toContain(`Traces, Attributes of spans : ${note}`);
    expect(text.split("neighbours of shop are not known")).toHaveLength(2);
    expect(text.split("The trace is not whole")).toHaveLength(2);
  });

  it("has log patterns above changes, and under a line what was looked at without a finding", () => {
    const page = pageOf(incidentOf());
    const places = ['id="logs"', 'id="changes"', 'id="metrics"', 'class="quiet"', 'id="traces"', 'id="log_fields"'].map(
      (mark) => page.indexOf(mark),
    );
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places.slice(0, 4).toSorted((a, b) => a - b)).toEqual(places.slice(0, 4));
    expect(Math.min(...places.slice(4))).toBeGreaterThan(places[3] ?? 0);
  });

  it("folds up what does not stand out beside what does", () => {
    const weak = { ...pattern, id: "logs-2", title: "a weak one", isSignificant: false };
    const reports = bundleOf().reports.map((report) =>
      report.signal === "logs" ? { ...report, items: [pattern, weak] } : report,
    );
    const page = pageOf(incidentOf({ bundle: bundleOf({ reports }) }));
    const places = ['id="logs-1a"', "<details", "1 more that does not stand out", 'id="logs-2"'].map((mark) =>
      page.indexOf(mark),
    );
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
    expect(textOf(page)).toContain("Traces : nothing stands out ; none of 4 services");
  });

  it("is red only about what fires or failed", () => {
    const { trace: _, ...bundle } = bundleOf({ histogram: [] });
    expect(pageOf({ bundle, deliveries: [], others: [] }).match(/class="[^"]*\bbad\b|class="bar failed/g)).toBeNull();
  });

  it("leads to its own pages by relative links, and to each trace once in a row", () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const summary = { traceId, service: "shop", name: "POST /orders", startsAt: BEGAN, durationMs: 812 };
    const item = {
      ...version,
      id: "traces-1",
      signal: "traces",
      detail: { kind: "trace", why: "failed", trace: summary },
      link: `http://watchkeeper.example.org:9797/traces/${traceId}`,
    } as unknown as typeof version;
    const reports = bundleOf().reports.map((report) =>
      report.signal === "traces" ? { ...report, verdict: "significant" as const, items: [item] } : report,
    );
    const page = pageOf(incidentOf({ bundle: bundleOf({ reports }) }));
    expect(page).not.toContain("watchkeeper.example.org");
    expect(page).toContain(`href="/traces/${traceId}"`);
  });

  it("draws a metric with its unit, round times in UTC, and nothing where nothing was measured", () => {
    const page = pageOf(incidentOf());
    const [chart = ""] = /<svg[^>]*class="chart metric".*?<\/svg>/s.exec(page) ?? [];
    expect(chart).not.toContain("var(--bad)");
    const texts = [...chart.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(texts).toEqual(["14/s", "1/s", "02:00 UTC", "02:30", "03:00"]);
    for (const [, path = ""] of chart.matchAll(/ d="([^"]*)"/g)) {
      const xs = [...path.matchAll(/[ML]([\d.]+)/g)].map(([, x]) => Number(x));
      expect(xs).toEqual(xs.toSorted((a, b) => a - b));
    }
  });

  it("shows the runbook of its alert and the budgets of its services", () => {
    const alert = alertOf("shop", {
      startsAt: BEGAN,
      links: { runbook: "https://runbooks.example.org/CheckoutDown" },
    });
    const slo = {
      id: "shop-pay",
      service: "shop",
      name: "pay",
      budgetRemaining: 0.42,
      state: "at_risk",
      measuredSeconds: 3_600,
    } as unknown as SloSummary;
    const page = renderIncidentPage(incidentOf({ alert }), { hasAlerts: true, now: BEGAN + 600_000, slos: [slo] });
    expect(page).toContain('href="https://runbooks.example.org/CheckoutDown"');
    expect(page).toContain('href="/slos/shop-pay"');
    expect(textOf(page)).toContain("shop: pay 42 %");
  });

  it("does not call well what nothing is known of", () => {
    const { reports } = bundleOf();
    const bundle = bundleOf({
      top: [],
      reports: reports.map((report) => ({ ...report, items: [], verdict: "no_data" as const })),
    });
    expect(textOf(pageOf(incidentOf({ bundle })))).toContain(
      "Nothing is known: no line, span or series of it was found",
    );
  });

  it("says so when nothing stands out", () => {
    expect(textOf(pageOf(incidentOf({ bundle: bundleOf({ top: [] }) })))).toContain("Nothing, in what could be read.");
  });

  it("shows the trace as a waterfall, with what failed", () => {
    const page = pageOf(incidentOf());
    expect(page.match(/class="bar failed"/g)).toHaveLength(3);
    expect(textOf(page)).toContain("connection reset");
  });

  it("shows hostile texts as texts", () => {
    const evil = `<script>alert(1)</script>"'`;
    const items = [
      {
        ...pattern,
        title: evil,
        detail: { ...pattern.detail, sample: evil, template: evil },
        link: `javascript:alert(1)`,
      },
    ] as (typeof pattern)[];
    const reports = [{ ...bundleOf().reports[1], items } as ReturnType<typeof bundleOf>["reports"][number]];
    const page = pageOf(incidentOf({ bundle: bundleOf({ reports }) }));
    expect(page).not.toContain("<script>");
    expect(page).not.toContain('href="javascript:');
  });

  it("bears a bundle with nothing in it", () => {
    const { trace: _, ...rest } = bundleOf({ reports: [], top: [], histogram: [], queries: [] });
    const empty = { ...rest, question: { ...rest.question, scope: { ...rest.question.scope, entities: [] } } };
    expect(textOf(pageOf({ bundle: empty, deliveries: [], others: [] }))).toContain("CheckoutDown");
  });
});
