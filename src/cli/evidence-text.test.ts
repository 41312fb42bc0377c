import { describe, expect, it } from "vitest";
import { BEGAN, bundleOf, deploy, pattern } from "../app/evidence/__fixtures__/bundle.ts";
import type { EvidenceItem, SignalReport } from "../core/evidence.ts";
import { bundleText } from "./evidence-text.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const trace: EvidenceItem = {
  id: "traces-5e",
  signal: "traces",
  title: `shop GET /checkout failed after 812 ms: trace ${TRACE}`,
  score: 0.3,
  isSignificant: true,
  numbers: { statistic: "none", value: 0 },
  detail: { kind: "trace", why: "failed", trace: { traceId: TRACE, startsAt: BEGAN, durationMs: 812 } },
};
const reportOf = (items: readonly EvidenceItem[], notes: readonly string[] = []): SignalReport => ({
  signal: items[0]?.signal ?? "logs",
  verdict: "significant",
  said: `${items.length} of 40 stand out`,
  items,
  notes,
});
const textOf = (...reports: readonly SignalReport[]): string => bundleText(bundleOf({ reports }));

describe("a bundle in a terminal", () => {
  it("links to a trace where its page is known, and else says which command shows it", () => {
    const command = `\n      watchkeeper correlate --trace ${TRACE}\n`;
    expect(textOf(reportOf([trace]))).toContain(command);
    const linked = textOf(reportOf([{ ...trace, link: `https://watch.example/traces/${TRACE}` }]));
    expect(linked).toContain(`      https://watch.example/traces/${TRACE}\n`);
    expect(linked).not.toContain(command);
  });

  it("says how much more there is than it shows", () => {
    const many = (count: number): readonly EvidenceItem[] => Array.from({ length: count }, () => pattern);
    const weak = { ...pattern, isSignificant: false };
    expect(textOf(reportOf([...many(11), weak]))).toMatch(/\n {2}and 6 more: --json prints all\n/);
    expect(textOf(reportOf([...many(5), weak]))).not.toContain("--json");
    expect(textOf(reportOf(many(1), ["a", "b", "c", "d"]))).toMatch(/\n {2}and 1 more note: --json prints all\n/);
  });

  it("says how one learned of a change", () => {
    expect(textOf(reportOf([deploy]))).toMatch(/at 2026-11-27 02:56 UTC, reported to the API\n/);
  });

  it("says how it is made again, or that it is not kept", () => {
    const { id } = bundleOf();
    expect(bundleText(bundleOf())).toContain(`Evidence ${id}, made`);
    expect(bundleText(bundleOf())).toContain(`--rerun ${id}`);
    const lost = bundleText(bundleOf({ notKept: "It is not kept: the disk is full" }));
    expect(lost).toContain("It is not kept: the disk is full");
    expect(lost).not.toContain("--rerun");
  });
});
