import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { CollectContext } from "../../../core/pack.ts";
import { readRows } from "./row-list.ts";

const row = z.object({ name: z.string(), size: z.number().optional() });

function read(...list: readonly unknown[]) {
  const missing = vi.fn<CollectContext["missing"]>();
  const signal = AbortSignal.timeout(10_000);
  const context = { record: vi.fn<CollectContext["record"]>(), missing, wasRead: () => {}, signal };
  const rows = readRows(context, list, { method: "app.query", row, key: ({ name }) => name });
  return { rows, missing };
}

describe("a list of rows", () => {
  it("may be empty", () => expect(read().rows).toEqual([]));

  it("has the first of two rows with one key", () => {
    expect(read({ name: "a", size: 1 }, { name: "a", size: 2 }, { name: "b" }).rows).toEqual([
      { name: "a", size: 1 },
      { name: "b" },
    ]);
  });

  it("is read without the odd ones, which are noted once", () => {
    const { rows, missing } = read({ name: 5 }, null, { name: "a" });
    expect(rows).toEqual([{ name: "a" }]);
    expect(missing.mock.calls.map(([piece, { reason, message }]) => [piece, reason, message])).toEqual([
      ["rows of app.query", "unexpected_shape", "app.query, a row: name is not of type string"],
    ]);
  });

  it("is no answer when no row can be read, since an empty one would say that there is nothing", () => {
    expect(() => read({ name: 5 }, null)).toThrow("app.query, a row: name is not of type string");
  });
});
