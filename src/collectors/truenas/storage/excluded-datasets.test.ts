import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excludedDatasets } from "./excluded-datasets.ts";

describe("a pattern of datasets", () => {
  it("stands for itself when it has no star, whatever else it has", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).filter((text) => !text.includes("*")),
        fc.string(),
        (pattern, other) => {
          const isMatch = excludedDatasets([pattern]);
          expect(isMatch(pattern)).toBe(true);
          expect(isMatch(other)).toBe(other === pattern);
        },
      ),
    );
  });

  it("has stars that stand for anything, slashes and nothing included", () => {
    const isMatch = excludedDatasets(["*/.system", "tank/k8s/*", "a*b*c"]);
    const matching = ["tank/.system", "/.system", "tank/k8s/", "tank/k8s/nfs/pvc-1", "abc", "a\nb/c"];
    const others = ["tank/.systems", "tank/k8s", "tank/Xsystem", "acb", ""];
    expect([...matching, ...others].filter(isMatch)).toEqual(matching);
    expect(excludedDatasets([])("tank")).toBe(false);
  });
});
