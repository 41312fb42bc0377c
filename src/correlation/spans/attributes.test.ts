import { describe, expect, it } from "vitest";
import { row } from "./__fixtures__/rows.ts";
import { buildTrace } from "./trace.ts";

const texts = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "x".repeat(1_000)]));

describe("the attributes of a trace", () => {
  it("are those of the span and of its resource, of which the span's count", () => {
    const spans = buildTrace("t", [row({ own: { a: "1", b: "2" }, resource: { b: "3", c: "4" } })], [])?.spans;
    expect(spans?.map(({ attributes }) => attributes)).toStrictEqual([{ a: "1", b: "2", c: "4" }]);
  });

  it("are bounded, though a small answer has a resource with much in it and many spans", () => {
    const resource = texts(200);
    const rows = Array.from({ length: 2_000 }, (_, at) =>
      row({
        spanId: String(at + 1),
        resource,
        own: { n: String(at) },
        startsAt: at,
        status: at === 1_999 ? "error" : "unset",
      }),
    );
    const trace = buildTrace("t", rows, []);
    expect(trace?.spans).toHaveLength(2_000);
    expect(JSON.stringify(trace).length).toBeLessThan(3 * 1024 * 1024);
    expect(trace?.spans.map(({ attributes }) => attributes["n"])).toStrictEqual(rows.map(({ own }) => own["n"]));
    // what failed comes first
    expect(trace?.spans.at(-1)?.attributes).toHaveProperty("k199");
    expect(trace?.notes).toContainEqual(expect.stringMatching(/too large: \d+ of its spans' attributes and events/));
  });

  it("are bounded with the events, and nothing is said where all have room", () => {
    const events = Array.from({ length: 100 }, (_, at) => ({ at, name: "x".repeat(1_000), attributes: {} }));
    const rows = Array.from({ length: 100 }, (_, at) => row({ spanId: String(at + 1), parentId: "1", events }));
    expect(JSON.stringify(buildTrace("t", rows, [])).length).toBeLessThan(3 * 1024 * 1024);
    expect(buildTrace("t", rows.slice(0, 2), [])?.notes).toStrictEqual(["Its root span has not arrived."]);
  });
});
