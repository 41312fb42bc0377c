import { describe, expect, it } from "vitest";
import { BEGAN, bundleOf, deploy, pattern } from "../app/evidence/__fixtures__/bundle.ts";
import type { EvidenceItem, SignalReport } from "../core/evidence.ts";
import { bundleText, logText, traceText } from "./evidence-text.ts";

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

describe("log lines in a terminal", () => {
  const line = { at: BEGAN, message: "paid" };
  const read = <Reading>(reading: Reading) => ({ state: "read", reading, tookMs: 1 }) as const;
  const lines = (...notes: readonly string[]) => read({ lines: [], notes });
  const found = { id: { id: "a" }, line: read({ line, notes: [] }) };

  it("say whose they are, and that nobody looked where the line names nothing", () => {
    expect(logText({ ...found, around: { by: "host", logs: lines() } })).toMatch(
      /the same host around it were looked for\.\nLog lines\n {2}none\n/,
    );
    const unasked = logText(found);
    expect(unasked).toContain("was not looked for");
    expect(unasked).not.toContain("none");
  });

  it("come with what hides them, and are none only without", () => {
    const note = "2 of 5 shards failed";
    const view = { traceId: TRACE, trace: { state: "not_configured" } } as const;
    for (const text of [
      logText({ ...found, around: { by: "pod", logs: lines(note) } }),
      traceText({ ...view, logs: lines(note) }),
    ]) {
      expect(text).toContain(`Log lines\n  note: ${note}\n`);
      expect(text).not.toContain("none");
    }
    expect(traceText({ ...view, logs: lines() })).toContain("none has this trace id");
    expect(traceText({ ...view, logs: read({ lines: [line], notes: [note] }) })).toMatch(/note: 2 of.*\n.*paid/);
  });
});
