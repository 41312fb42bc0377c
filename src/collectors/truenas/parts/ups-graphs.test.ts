import { describe, expect, it } from "vitest";
import { graphsShape, newestOf } from "./ups-graphs.ts";

const newest = (...data: readonly unknown[]) => newestOf(graphsShape.parse([{ name: "upsload", data }]), "upsload");

describe("the newest value of a graph", () => {
  it("is the last one that is known, whichever end comes first", () => {
    expect(newest([10, 3], [12, 4], [14, null])).toBe(4);
    expect(newest([14, null], [12, 4], [10, 3])).toBe(4);
    expect(newest(["12", "4"], ["10", "3"])).toBe(4);
  });

  it("is unknown without points, without values, and in a graph of nothing but 0", () => {
    expect(newest()).toBeUndefined();
    expect(newest([10, null], [12, "n/a"])).toBeUndefined();
    expect(newest([10], [12])).toBeUndefined();
    expect(newest("odd", null, [])).toBeUndefined();
    expect(newestOf(graphsShape.parse([]), "upsload")).toBeUndefined();
    expect(newestOf(graphsShape.parse([{ name: "upsload", data: null }]), "upsload")).toBeUndefined();
  });

  it("is not the 0 that the server writes where it knows nothing", () => {
    expect(newest([10, 5], [12, 0])).toBe(5);
    expect(newest([10, 0], [12, 0])).toBeUndefined();
  });
});
