import { describe, expect, it } from "vitest";
import type { EvidenceItem, Readings } from "../../core/evidence.ts";
import type { Change } from "../../core/telemetry.ts";
import { deploy, field, lines, logsOf, readings } from "./__fixtures__/readings.ts";
import { failing, rank, standing, usual } from "./__fixtures__/reports.ts";
import { meaningOf } from "./meaning.ts";

const error = { level: "error" } as const;
const totals = [600, 3_900] as const;

function topOf(given: Readings): readonly EvidenceItem[] {
  const { reports, top } = rank(given);
  const items = new Map(reports.flatMap((report) => report.items.map((item) => [item.id, item])));
  return top.flatMap((id) => items.get(id) ?? []);
}

describe("what only says that another failed", () => {
  const root = lines("window", 300, (index) => `charge ${index} failed: KeyError`, { ...error, service: "bank" });
  const caller = lines("window", 300, (index) => `POST /charges of bank was answered 500 (${index})`, error);
  const given = (window: typeof root): Readings =>
    readings({
      logs: logsOf([...usual.window, ...window], usual.baseline, {
        comparison: "failed",
        fields: [
          field("error.type", totals, [
            ["UpstreamError", 330, 0],
            ["KeyError", 270, 0],
          ]),
          field("destination.domain", totals, [["bank", 320, 40]]),
          field("service.name", totals, [["shop", 310, 500]]),
          field("rootName", totals, [["POST /checkout", 600, 900]]),
        ],
      }),
    });

  it("is behind what that other says of itself", () => {
    const [first, second] = standing(given([...root, ...caller]), "logs");
    expect(first?.detail).toMatchObject({ services: ["bank"] });
    expect(second?.score).toBeLessThan(0.7 * (first?.score ?? 0));
    const fields = standing(given([...root, ...caller]), "log_fields").map(({ title }) => title.split(":")[0]);
    expect(fields.slice(0, 2)).toEqual(["error.type KeyError", "rootName POST /checkout"]);
  });

  it("is the best that there is where the other says nothing", () => {
    const [both, alone] = [[...root, ...caller], caller].map(
      (window) => standing(given(window), "logs").find(({ title }) => title.includes("was answered"))?.score ?? 0,
    );
    expect(alone).toBeGreaterThan(1.5 * (both ?? 1));
  });

  it("leaves the name of the request and of the service that the alert names out of the top", () => {
    const values = topOf(given([...root, ...caller])).flatMap(({ detail }) =>
      detail.kind === "field_value" ? [detail.field] : [],
    );
    expect(values).toEqual(expect.arrayContaining(["error.type", "destination.domain"]));
    expect(values).not.toContain("service.name");
    expect(values).not.toContain("rootName");
  });
});

it("tells a version that is wherever its service is as the service", () => {
  const fields = [
    field("service.version", totals, [["1.11.4", 400, 90]]),
    field("service.name", totals, [["bank", 400, 90]]),
  ];
  const given = readings({ logs: { ...failing, comparison: "failed", fields } });
  expect(standing(given, "log_fields").map(({ title }) => title)).toEqual([
    "service.name bank (also service.version 1.11.4): 67 % of the error lines, 2 % of the others",
  ]);
});

it("makes no title of nothing but parameters", () => {
  const numbers = lines("window", 400, (index) => `${index} ${index * 7}`, error);
  const given = readings({ logs: logsOf([...usual.window, ...numbers], usual.baseline) });
  expect(standing(given, "logs")).toEqual([]);
});

describe("the signs of one rollout", () => {
  const version = deploy(5, { labels: { job: "prod/shop", service_namespace: "prod" } });
  const generation = (minutes: number, more: Partial<Change> = {}): Change =>
    deploy(minutes, {
      title: "deployment prod/shop: generation 8 -> 9",
      labels: { deployment: "shop", namespace: "prod" },
      ...more,
    });
  const image = deploy(5, { title: "container prod/shop: image shop:1 -> shop:2", labels: { container: "shop" } });
  const titles = (changes: readonly Change[]): readonly string[] =>
    standing(readings({ logs: failing, changes }), "changes").map(({ title }) => title);

  it("are one change, at the time of the first", () => {
    expect(titles([generation(6), version, image])).toEqual([
      "shop: version 2.3.1 -> 2.4.0 (generation 9), 6 min before the alert began",
    ]);
  });

  it("are two changes where they are far apart, or of two things", () => {
    expect(titles([generation(20), version])).toHaveLength(2);
    const other = { title: "deployment prod/bank: generation 1 -> 2", labels: { deployment: "bank" } };
    expect(titles([generation(5, other), version])).toHaveLength(2);
    expect(titles([version, deploy(6, { title: "shop: version 2.3.0 -> 2.3.1" })])).toHaveLength(2);
  });
});

it("knows what a field is about, whoever spells it", () => {
  expect(meaningOf("resource.service.version")).toBe(meaningOf("service.version"));
  expect(meaningOf("kubernetes.pod.name")).toBe(meaningOf("resource.k8s.pod.name"));
  expect(meaningOf("destination.service")).toBe("peer");
  expect(meaningOf("feature.flag")).not.toBe(meaningOf("db.failover"));
});
