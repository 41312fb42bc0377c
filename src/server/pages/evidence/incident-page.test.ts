import { describe, expect, it } from "vitest";
import { BEGAN, bundleOf, deploy, metric, pattern, version } from "../../../app/evidence/__fixtures__/bundle.ts";
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
    expect(text).toContain("348 of 400 (87 %) of what failed, 1,200 of 10,000 (12 %) of the rest");
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

  it("says so when nothing stands out", () => {
    expect(textOf(pageOf(incidentOf({ bundle: bundleOf({ top: [] }) })))).toContain("Nothing does");
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
