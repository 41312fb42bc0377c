import { describe, expect, it } from "vitest";
import { bundleOf } from "../app/evidence/__fixtures__/bundle.ts";
import { bundleText } from "./evidence-text.ts";

describe("a bundle in a terminal", () => {
  it("says how it is made again, or that it is not kept", () => {
    const { id } = bundleOf();
    expect(bundleText(bundleOf())).toContain(`Evidence ${id}, made`);
    expect(bundleText(bundleOf())).toContain(`--rerun ${id}`);
    const lost = bundleText(bundleOf({ notKept: "It is not kept: the disk is full" }));
    expect(lost).toContain("It is not kept: the disk is full");
    expect(lost).not.toContain("--rerun");
  });
});
