import { describe, expect, it } from "vitest";
import type { Bundle } from "../../core/evidence.ts";
import { bundleOf, deploy, metric, pattern, version } from "./__fixtures__/bundle.ts";
import { evidenceOf } from "./lines.ts";

const withReport = (signal: string, over: Partial<Bundle["reports"][number]>): Bundle["reports"] =>
  bundleOf().reports.map((report) => (report.signal === signal ? { ...report, ...over } : report));

describe("evidenceOf", () => {
  it("tells what stands out, the best first", () => {
    expect(evidenceOf(bundleOf())).toEqual({
      bundleId: "0123456789abcdef",
      at: bundleOf().createdAt,
      lines: [pattern.title, version.title, deploy.title, metric.title],
      about: bundleOf().question.alert?.fingerprint,
    });
  });

  it("tells what could not be read", () => {
    const reports = withReport("logs", { verdict: "source_down", said: "Elasticsearch did not answer", items: [] });
    const { lines, unseen } = evidenceOf(bundleOf({ reports, top: [metric.id] }));
    expect(unseen).toBe(1);
    expect(lines).toEqual([metric.title, "Logs: Elasticsearch did not answer"]);
  });

  it("says so when nothing stands out, and in what", () => {
    const reports = bundleOf().reports.map((report) => ({ ...report, verdict: "nothing_significant" as const }));
    const [line] = evidenceOf(bundleOf({ reports, top: [] })).lines;
    expect(line).toMatch(/^Nothing stands out in changes, logs,/);
  });

  it("says what could not be compared, and no more where nothing could", () => {
    const said = "there is nothing to compare with: the time before has no lines";
    const logs = { verdict: "no_baseline" as const, said, items: [] };
    const one = bundleOf().reports.map((report) =>
      report.signal === "logs" ? { ...report, ...logs } : { ...report, verdict: "nothing_significant" as const },
    );
    expect(evidenceOf(bundleOf({ reports: one, top: [] })).lines).toEqual([
      expect.stringMatching(/^Nothing stands out in changes/),
      `Logs: ${said}`,
    ]);
    const all = one.map((report) => (report.signal === "logs" ? report : { ...report, verdict: "no_data" as const }));
    expect(evidenceOf(bundleOf({ reports: all, top: [] })).lines).toEqual([`Logs: ${said}`]);
  });

  it("keeps to one line each, of a length that messages bear", () => {
    const title = `a\nb ${"x".repeat(500)}`;
    const reports = withReport("logs", { items: [{ ...pattern, title }] });
    const [line = ""] = evidenceOf(bundleOf({ reports, top: [pattern.id] })).lines;
    expect(line).not.toContain("\n");
    expect(line.length).toBeLessThanOrEqual(200);
  });
});
