import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVIDENCE_SIGNALS, type EvidenceItem, type Readings } from "../../core/evidence.ts";
import { deploy, field, lines, logsOf, readings, series, tracesOf } from "./__fixtures__/readings.ts";
import { failing, rank, standing, usual } from "./__fixtures__/reports.ts";

describe("rankReadings", () => {
  it("tells of every signal in its order, and what it could not know", () => {
    const { reports, top } = rank({
      ...readings({ logs: logsOf([], []) }),
      metrics: { state: "down", reason: "timeout", message: "no answer within 10s", tookMs: 10_000 },
    });
    expect(reports.map(({ signal }) => signal)).toEqual(EVIDENCE_SIGNALS);
    expect(reports.map(({ verdict, said }) => [verdict, said])).toEqual([
      ["not_configured", "no source of changes is configured"],
      ["no_data", "no line of these things was found in window and baseline"],
      ["no_data", "no lines with fields to compare were found"],
      ["not_configured", "no source of traces is configured"],
      ["not_configured", "no source of traces is configured"],
      ["source_down", "the source of metrics could not be read: no answer within 10s"],
    ]);
    expect(top).toEqual([]);
  });

  it("gives the same for the same readings, ids included, and keeps ids when other evidence comes", () => {
    const given = readings({ logs: failing, changes: [deploy(5)] });
    expect(rank(given)).toEqual(rank(given));
    const [alone] = standing(readings({ logs: failing }), "logs");
    expect(standing(given, "logs").map(({ id }) => id)).toContain(alone?.id);
    expect(alone?.id).toMatch(/^logs-[\da-f]{10}$/);
  });

  it("holds to its promises whatever is read", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    const count = fc.integer({ min: 0, max: 50 });
    const value = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 10 }),
        fc.array(count, { minLength: 6, maxLength: 6 }),
        fc.array(value, { minLength: 1, maxLength: 9 }),
        (texts, counts, values) => {
          const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = counts;
          const textAt = (index: number): string => texts[index % Math.max(1, texts.length)] ?? "";
          const fields = [
            field(
              textAt(a),
              [a, b],
              [
                [`${textAt(c)} 1`, c, d],
                [`${textAt(d)} 2`, e, f],
              ],
              c,
            ),
          ];
          const valueAt = (index: number): number => values[index % values.length] ?? 0;
          const given = readings({
            logs: logsOf(lines("window", a, textAt, { level: "error" }), lines("baseline", b, textAt), {
              fields,
              comparison: "failed",
            }),
            traces: tracesOf({
              services: [
                {
                  service: textAt(e),
                  window: { spans: a, failed: c, p95Ms: e },
                  baseline: { spans: b, failed: d, p95Ms: f },
                },
              ],
              attributes: fields,
            }),
            series: [series(textAt(f), valueAt, (index) => valueAt(index * 7))],
            changes: [deploy(c, { title: textAt(b) })],
          });
          const { reports, top } = rank(given);
          const items = reports.flatMap((report) => report.items);
          const isSound = ({ score, title }: EvidenceItem): boolean =>
            // eslint-disable-next-line no-control-regex
            score >= 0 && score <= 1 && Array.from(title).length <= 200 && !/[\u0000-\u001F\u202E]/.test(title);
          expect(items.filter((item) => !isSound(item)).map(({ score, title }) => [score, title])).toEqual([]);
          expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
          const significant = items.filter((item) => item.isSignificant).map(({ id }) => id);
          expect(significant).toEqual(expect.arrayContaining([...top]));
          expect(top.length).toBeLessThanOrEqual(10);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("changes", () => {
  const titles = (given: Readings): readonly string[] => standing(given, "changes").map(({ title }) => title);

  it("tells of a deploy of the very service just before a symptom, and not of others", () => {
    const others = [
      deploy(6, { title: "mail: version 1 -> 2", labels: { service: "mail" } }),
      deploy(-3, { title: "shop: restarted", kind: "restart" }),
      deploy(65, { title: "shop: version 2.3.0 -> 2.3.1" }),
    ];
    expect(titles(readings({ logs: failing, changes: [deploy(6), ...others] }))).toEqual([
      "shop: version 2.3.1 -> 2.4.0, 6 min before the alert began",
    ]);
  });

  it("compares a change with the scope label by label", () => {
    const isNear = (labels: Readonly<Record<string, string>>): boolean =>
      standing(readings({ logs: failing, changes: [deploy(3, { labels })] }), "changes").length > 0;
    expect(isNear({ service: "shop" })).toBe(true);
    expect(isNear({ deployment: "shop", namespace: "prod" })).toBe(true);
    expect(isNear({ job: "prod/shop" })).toBe(true);
    expect(isNear({ team: "shop", service: "mail" })).toBe(false);
    expect(isNear({ namespace: "shop", service: "mail" })).toBe(false);
  });

  it("takes no deploy for evidence on a quiet day, but where nothing else could be seen", () => {
    expect(titles(readings({ logs: logsOf(usual.window, usual.baseline), changes: [deploy(6)] }))).toEqual([]);
    expect(titles(readings({ changes: [deploy(6)] }))).toHaveLength(1);
    expect(titles(readings({ logs: logsOf([], []), changes: [deploy(6)] }))).toHaveLength(1);
  });

  it("is surer of a change that names what stands out elsewhere", () => {
    const fields = [field("service.version", [300, 4_500], [["2.4.0", 260, 500]])];
    const [alone] = standing(readings({ logs: failing, changes: [deploy(6)] }), "changes");
    const given = readings({ logs: { ...failing, comparison: "failed", fields }, changes: [deploy(6)] });
    const [named] = standing(given, "changes");
    expect(named?.score).toBeGreaterThan(alone?.score ?? 1);
    expect(rank(given).top).toContain(named?.id);
  });
});

describe("top", () => {
  it("tells two fields that are two things, though their values are one", () => {
    const fields = [
      field("feature.flag", [300, 3_600], [["true", 290, 10]]),
      field("db.failover", [300, 3_600], [["true", 200, 40]]),
    ];
    const { top } = rank(readings({ logs: { ...failing, fields } }));
    expect(top.filter((id) => id.startsWith("log_fields"))).toHaveLength(2);
  });

  it("does not tell twice what logs and traces have in common", () => {
    const totals = [300, 4_500] as const;
    const version = (name: string): ReturnType<typeof field> => field(name, totals, [["2.4.0", 260, 500]]);
    const fails = { service: "shop", window: { spans: 400, failed: 200 }, baseline: { spans: 1_600, failed: 2 } };
    const { reports, top } = rank(
      readings({
        logs: { ...failing, comparison: "failed", fields: [version("service.version")] },
        traces: tracesOf({ services: [fails], attributes: [version("resource.service.version")] }),
      }),
    );
    const items = new Map(reports.flatMap((report) => report.items.map((item) => [item.id, item])));
    const seen = top.map((id) => items.get(id));
    expect(seen.filter((item) => item?.detail.kind === "field_value")).toHaveLength(1);
    expect(new Set(seen.map((item) => item?.signal)).size).toBe(3);
  });
});
