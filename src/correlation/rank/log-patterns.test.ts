import { describe, expect, it } from "vitest";
import { lines, logsOf, question, readings } from "./__fixtures__/readings.ts";
import { failing, refused, reportOf, servedLines, standing, usual } from "./__fixtures__/reports.ts";

describe("log patterns", () => {
  it("tells of a new failure in one line, with its numbers", () => {
    const given = readings({ logs: failing });
    const [first] = standing(given, "logs");
    expect(first).toMatchObject({
      title: "new in shop's log, 300 lines: payment of order <*> refused by gateway",
      numbers: { statistic: "g2", selection: { count: 300, of: 1_200 }, background: { count: 0, of: 3_600 } },
      detail: { kind: "log_pattern", isNew: true, level: "error", services: ["shop"], sample: refused[0]?.message },
    });
    expect(first?.numbers.pValue).toBeLessThan(1e-6);
    expect(reportOf(given, "logs").said).toBe("1 of 2 patterns stands out; all 4,800 lines were read");
  });

  it("finds nothing where only the traffic grew, or only other lines became fewer", () => {
    const grown = logsOf(servedLines(3), usual.baseline);
    expect(reportOf(readings({ logs: grown }), "logs").verdict).toBe("nothing_significant");
    const warned = (when: "window" | "baseline", count: number): ReturnType<typeof lines> =>
      lines(when, count, (index) => `retry ${index} failed`, { level: "warn" });
    const quieter = logsOf(
      [...servedLines(0.1), ...warned("window", 60)],
      [...usual.baseline, ...warned("baseline", 240)],
    );
    expect(standing(readings({ logs: quieter }), "logs")).toEqual([]);
  });

  it("takes what comes all at once for one event", () => {
    const burst = lines("window", 60, () => "cache was reset, entry is lost", { level: "error", share: 0.02 });
    const early = burst.map((line) => ({ ...line, at: question.window.from + 1_000 }));
    expect(standing(readings({ logs: logsOf([...usual.window, ...early], usual.baseline) }), "logs")).toEqual([]);
  });

  it("says that lines are a sample, and how many there are of a pattern about", () => {
    const sampled = {
      ...failing,
      window: { ...failing.window, total: 12_000 },
      baseline: { ...failing.baseline, total: 36_000, isExact: false },
    };
    const report = reportOf(readings({ logs: sampled }), "logs");
    expect(report.items[0]?.title).toContain(
      "shop's log, about 3,000 lines, none among the 3,600 of at least 36,000 lines read before: ",
    );
    expect(report.said).toContain("4,800 of at least 48,000 lines were read");
    expect(report.sample).toEqual({ taken: 4_800, of: undefined });
  });

  it("names the only pod that a failure comes from, and no place when it comes from all", () => {
    const onPods = (some: readonly (typeof refused)[number][]): typeof refused =>
      some.map((line, index) => ({ ...line, pod: `shop-${index % 3}` }));
    const onOne = refused.map((line) => ({ ...line, pod: "shop-2" }));
    const titleOf = (failures: typeof refused): string | undefined =>
      standing(readings({ logs: logsOf([...onPods(usual.window), ...failures], onPods(usual.baseline)) }), "logs")[0]
        ?.title;
    expect(titleOf(onOne)).toContain(", only on pod shop-2: payment");
    expect(titleOf(onPods(refused))).toContain("300 lines: payment");
  });

  it("puts first what fails first in each trace", () => {
    const at = (share: number, text: string, service: string): typeof refused =>
      lines("window", 200, (index) => `${text} ${index}`, { level: "error", service }).map((line, index) => ({
        ...line,
        at: line.at + share,
        traceId: index.toString(16).padStart(32, "0"),
      }));
    const chain = [
      ...at(2, "frontend answered customer with failure", "web"),
      ...at(0, "vault is sealed, key is missing", "bank"),
      ...at(1, "call of bank failed, order is lost", "shop"),
    ];
    const found = standing(readings({ logs: logsOf([...usual.window, ...chain], usual.baseline) }), "logs");
    expect(found).toHaveLength(3);
    expect(found[0]).toMatchObject({ detail: { services: ["bank"] } });
    expect(found[0]?.score).toBeGreaterThan(1.5 * (found[1]?.score ?? 1));
  });

  it("joins patterns that differ in a name at their beginning", () => {
    const names = ["anna", "bert", "cleo", "dora", "emil", "fred"];
    const denied = lines("window", 300, (index) => `${names[index % 6] ?? ""} was denied access to orders`, {
      level: "warn",
    });
    const [first] = standing(readings({ logs: logsOf([...usual.window, ...denied], usual.baseline) }), "logs");
    expect(first?.title).toBe("new in shop's log, 300 lines: <*> was denied access to orders");
  });

  it("takes new lines of no failure for context, which stands out only beside a symptom", () => {
    const exported = lines("window", 300, (index) => `nightly export wrote chunk ${index} of orders`);
    const quiet = logsOf([...usual.window, ...exported], usual.baseline);
    expect(standing(readings({ logs: quiet, series: [] }), "logs")).toEqual([]);
    const both = logsOf([...usual.window, ...exported, ...refused], usual.baseline);
    expect(standing(readings({ logs: both }), "logs")).toHaveLength(2);
  });

  it("asks more of a pattern among many that were looked at", () => {
    const words = (at: number): string =>
      Array.from(`${1_000 + at}`, (digit) => String.fromCodePoint(97 + Number(digit))).join("");
    const rare = lines("window", 5, (index) => `lock ${index} is held, job failed`, { level: "error", share: 0.9 });
    const others = Array.from({ length: 400 }, (_, at) =>
      lines("window", 1, () => `${words(at)} ${words(at)} ${words(at)} said once`),
    );
    const few = logsOf([...usual.window, ...rare], usual.baseline);
    const many = logsOf([...usual.window, ...rare, ...others.flat()], usual.baseline);
    expect(standing(readings({ logs: few }), "logs")).toHaveLength(1);
    expect(standing(readings({ logs: many }), "logs")).toEqual([]);
  });
});
