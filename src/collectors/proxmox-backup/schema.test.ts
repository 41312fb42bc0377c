import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  datastoreUsageShape,
  gcJobShape,
  groupShape,
  jobShape,
  nodeStatusShape,
  snapshotShape,
  subscriptionShape,
  taskShape,
} from "./schema.ts";

const numbersIn = (value: unknown): number[] =>
  typeof value === "number"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

describe("the shapes of the answers", () => {
  const shapes = { datastoreUsageShape, gcJobShape, groupShape, jobShape, nodeStatusShape, snapshotShape, taskShape };
  const identity = {
    store: "main",
    id: "job",
    "backup-type": "vm",
    "backup-id": "100",
    upid: "UPID:1",
    worker_type: "backup",
  };

  it.each(Object.entries(shapes))(
    "%s takes any value for what is no name, and makes no number of its own",
    (_, shape) => {
      const value = fc.oneof(
        fc.jsonValue(),
        fc.double(),
        fc.constantFrom("1.5", " 7 ", "1.2K", "-1", "NaN", "0x10", ""),
      );
      const keys = Object.keys("shape" in shape ? shape.shape : gcJobShape.in.shape);
      const row = fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
      fc.assert(
        fc.property(row, (given) => {
          const read = shape.safeParse({ ...given, "backup-time": 1_000, ...identity });
          expect(read.success).toBe(true);
          for (const number of numbersIn(read.data)) expect(number).toBeGreaterThanOrEqual(0);
        }),
      );
    },
  );

  it("take a number that is a text, and no text that merely begins with one", () => {
    const sizes = (total: unknown) => datastoreUsageShape.parse({ store: "main", total }).total;
    expect(["12", " 12 ", "1.2e1", 12].map(sizes)).toEqual([12, 12, 12, 12]);
    expect(["1.2K", "0x10", "", "12 GiB", -1, null, true, [12], undefined].map(sizes)).toEqual(
      Array(9).fill(undefined),
    );
  });

  it("take 0 for never where it is a time", () => {
    expect(
      datastoreUsageShape.parse({ store: "main", "estimated-full-date": 0 })["estimated-full-date"],
    ).toBeUndefined();
    expect(
      groupShape.parse({ "backup-type": "vm", "backup-id": "1", "last-backup": 0 })["last-backup"],
    ).toBeUndefined();
  });

  it("need a name where one belongs", () => {
    for (const store of [undefined, null, "", 4])
      expect(datastoreUsageShape.safeParse({ store, total: 1 }).success).toBe(false);
  });

  it("read the state of a subscription in any case", () => {
    expect(subscriptionShape.parse({ status: "NotFound" }).status).toBe("notfound");
  });
});
