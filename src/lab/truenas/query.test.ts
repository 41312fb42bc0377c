import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailedCall } from "./failure.ts";
import { applyQuery } from "./query.ts";

const ROWS = [
  { id: 1, name: "tank", size: 30, state: { at: { $date: 1_700_000_000_000 } }, tags: ["a", "b"], note: null },
  { id: 2, name: "Tank2", size: 10, state: { at: { $date: 1_800_000_000_000 } }, tags: [], note: "x", "a.b": 7 },
  { id: 3, name: "boot", size: 20, state: null, tags: ["b"], note: "y", disks: [{ name: "sda" }, { name: "sdb" }] },
];

const idsOf = (filters: unknown, options: object = {}): unknown =>
  (applyQuery(ROWS, filters, options) as { id: number }[]).map(({ id }) => id);

function refusal(filters: unknown, options: unknown = {}): unknown {
  try {
    return applyQuery(ROWS, filters, options);
  } catch (thrown) {
    return thrown instanceof FailedCall ? thrown.failure : thrown;
  }
}

describe("filters", () => {
  it.each<[string, unknown, number[]]>([
    ["=", ["name", "=", "tank"], [1]],
    ["= null", ["note", "=", null], [1]],
    ["!=", ["id", "!=", 2], [1, 3]],
    [">", ["size", ">", 10], [1, 3]],
    [">=", ["size", ">=", 20], [1, 3]],
    ["<", ["name", "<", "c"], [2, 3]],
    ["<=", ["size", "<=", 10], [2]],
    ["~, from the start", ["name", "~", "[tb]"], [1, 3]],
    ["~ of null", ["note", "~", "$"], [1]],
    ["in", ["id", "in", [1, 3]], [1, 3]],
    ["nin, of which null is none", ["note", "nin", ["x"]], [3]],
    ["rin", ["tags", "rin", "b"], [1, 3]],
    ["rnin", ["tags", "rnin", "a"], [2, 3]],
    ["^", ["name", "^", "tan"], [1]],
    ["C^", ["name", "C^", "TAN"], [1, 2]],
    ["!^, of which null is none", ["note", "!^", "x"], [3]],
    ["$", ["name", "$", "k"], [1]],
    ["!$", ["name", "!$", "k"], [2, 3]],
    ["a path into nothing", ["state.at", "=", null], [3]],
    ["a key that is not there", ["disks", "!=", "x"], [3]],
    ["a dot in a name", ["a\\.b", "=", 7], [2]],
    ["a place in a list", ["disks.1.name", "=", "sdb"], [3]],
    ["a member of a list", ["disks.*.name", "=", "sdb"], [3]],
    [
      "OR",
      [
        "OR",
        [
          ["id", "=", 1],
          ["name", "=", "boot"],
        ],
      ],
      [1, 3],
    ],
    [
      "AND within OR",
      [
        "OR",
        [
          [
            ["id", "=", 1],
            ["size", "=", 0],
          ],
          ["id", "=", 2],
        ],
      ],
      [2],
    ],
  ])("%s", (_, filter, ids) => {
    expect(idsOf([filter])).toEqual(ids);
  });

  it("compare a date with a text", () => {
    const dated = ["state", "!=", null];
    expect(idsOf([dated, ["state.at.$date", ">", "2024-01-01T00:00:00+00:00"]])).toEqual([2]);
  });

  it("must all pass", () => {
    expect(idsOf([])).toEqual([1, 2, 3]);
    expect(
      idsOf([
        ["id", ">", 1],
        ["size", ">", 10],
      ]),
    ).toEqual([3]);
  });

  it("are refused in the middleware's words when they make no sense", () => {
    const params = { kind: "params", attribute: "filters" };
    for (const filters of ["x", ["x"], [["id", "="]], [["id", "==", 1]], [["AND", []]], [[1, "=", 1]]])
      expect(refusal(filters)).toMatchObject(params);
    expect(refusal([["note", ">", 1]])).toMatchObject({
      kind: "call",
      exception: "TypeError",
      reason: "'>' not supported between instances of 'NoneType' and 'int'",
    });
    expect(refusal([["tags.x", "=", 1]])).toMatchObject({ exception: "ValueError" });
  });
});

describe("options", () => {
  it("select keeps nesting, renames, and leaves out what is not there", () => {
    const select = ["id", "state.at", ["disks", "parts"]];
    expect(applyQuery(ROWS, [], { select })).toEqual([
      { id: 1, state: { at: { $date: 1_700_000_000_000 } } },
      { id: 2, state: { at: { $date: 1_800_000_000_000 } } },
      { id: 3, state: null, parts: [{ name: "sda" }, { name: "sdb" }] },
    ]);
    expect(refusal([], { select: ["tags.*"] })).toMatchObject({ exception: "ValueError" });
  });

  it("order_by, count, get, limit and offset", () => {
    expect(idsOf([], { order_by: ["size"] })).toEqual([2, 3, 1]);
    expect(idsOf([], { order_by: ["-name"] })).toEqual([1, 3, 2]);
    expect(idsOf([], { order_by: ["nulls_first:-note"] })).toEqual([1, 3, 2]);
    expect(idsOf([], { order_by: ["nulls_last:note"] })).toEqual([2, 3, 1]);
    expect(refusal([], { order_by: ["note"] })).toMatchObject({ exception: "ValueError" });
    expect(applyQuery(ROWS, [["id", ">", 1]], { count: true, limit: 1 })).toBe(2);
    expect(applyQuery(ROWS, [["id", ">", 1]], { get: true })).toMatchObject({ id: 2 });
    expect(refusal([["id", "=", 9]], { get: true })).toMatchObject({ exception: "MatchNotFound" });
    expect(idsOf([], { offset: 1, limit: 1, extra: { flat: true }, force_sql_filters: true })).toEqual([2]);
  });

  it("are refused when there is no such option", () => {
    expect(refusal([], { limits: 1 })).toEqual({
      kind: "params",
      attribute: "options.limits",
      reason: "Extra inputs are not permitted",
    });
    expect(refusal([], { limit: "1" })).toMatchObject({ attribute: "options.limit" });
    expect(refusal([], [])).toMatchObject({ attribute: "options" });
  });
});

it("gives every row on exactly one page, in order", () => {
  const page = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(fc.array(fc.integer()), page, (numbers, limit) => {
      const rows = numbers.map((value) => ({ value }));
      const pages = Array.from({ length: Math.ceil(rows.length / limit) }, (_, index) =>
        applyQuery(rows, [], { order_by: ["value"], limit, offset: index * limit }),
      ) as { value: number }[][];
      expect(pages.flat().map(({ value }) => value)).toEqual(numbers.toSorted((left, right) => left - right));
    }),
  );
});
