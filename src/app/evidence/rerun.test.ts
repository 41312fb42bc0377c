import { describe, expect, it } from "vitest";
import { bundleOf, metric, pattern } from "./__fixtures__/bundle.ts";
import { compareBundles } from "./rerun.ts";

describe("compareBundles", () => {
  it("finds a bundle of the same findings the same, whatever its id and time", () => {
    expect(compareBundles(bundleOf(), bundleOf({ id: "fedcba9876543210", createdAt: 1 }))).toEqual({
      isSame: true,
      differences: [],
    });
  });

  it("names what no longer stands out, and what does now", () => {
    const { top } = bundleOf();
    const { isSame, differences } = compareBundles(
      bundleOf({ top: top.filter((id) => id !== metric.id) }),
      bundleOf({ top: top.filter((id) => id !== pattern.id) }),
    );
    expect(isSame).toBe(false);
    expect(differences).toEqual([`no longer stands out: ${pattern.title}`, `stands out now: ${metric.title}`]);
  });

  it("names another verdict, with its reason", () => {
    const reports = bundleOf().reports.map((report) =>
      report.signal === "logs"
        ? ({ ...report, verdict: "source_down", said: "no answer within 10s" } as const)
        : report,
    );
    expect(compareBundles(bundleOf(), bundleOf({ reports })).differences).toEqual([
      "logs: was significant, is source_down: no answer within 10s",
    ]);
  });

  it("tells another order", () => {
    const { differences } = compareBundles(bundleOf(), bundleOf({ top: bundleOf().top.toReversed() }));
    expect(differences).toEqual(["the same items stand out, in another order"]);
  });
});
