import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GroupMemory, summarize, type GroupDetails, type ListedGroup } from "./group-memory.ts";
import { snapshotShape } from "./schema.ts";

const group = (id: number, lastBackup = 1_000, count = 1): ListedGroup => ({
  datastore: "main",
  namespace: "",
  backup_type: "vm",
  backup_id: String(id),
  lastBackup,
  count,
  owner: undefined,
});
const many = (count: number): ListedGroup[] => Array.from({ length: count }, (_, i) => group(i));
const nothing = new Map<string, number>();
const details: GroupDetails = summarize([]);

function pollOnce(memory: GroupMemory, groups: readonly ListedGroup[], verifiedAt = nothing): string[] {
  const planned = memory.plan(groups, verifiedAt);
  for (const one of planned) memory.keep(one, details, verifiedAt.get(one.datastore));
  return planned.map(({ backup_id }) => backup_id);
}

describe("the memory of groups", () => {
  it("reads every group first, and each once more within a day of polls", () => {
    const memory = new GroupMemory();
    const groups = many(200);
    expect(pollOnce(memory, groups)).toHaveLength(200);
    const later = Array.from({ length: 96 }, () => pollOnce(memory, groups));
    expect(Math.max(...later.map(({ length }) => length))).toBe(3);
    expect(new Set(later.flat()).size).toBe(200);
  });

  it("reads a bounded number of groups in one poll and goes on with the others", () => {
    const memory = new GroupMemory();
    const groups = many(1_200);
    const polls = [1, 2, 3].map(() => pollOnce(memory, groups));
    expect(polls[0]).toHaveLength(500);
    expect(new Set(polls.flat()).size).toBe(1_200);
  });

  it("puts a group with another newest backup before all others, and shows nothing of it until it is read", () => {
    const memory = new GroupMemory();
    pollOnce(memory, many(10));
    const changed = many(10).with(7, group(7, 2_000, 2));
    expect(memory.plan(changed, nothing)[0]).toBe(changed[7]);
    expect(memory.of(group(7, 2_000, 2))).toBeUndefined();
    expect(memory.of(group(6))).toBe(details);
  });

  it("goes on showing a group whose older backups were pruned", () => {
    const memory = new GroupMemory();
    pollOnce(memory, [group(1, 1_000, 9)]);
    expect(memory.of(group(1, 1_000, 5))).toBe(details);
    expect(memory.plan([group(1, 1_000, 5)], nothing)).toHaveLength(1);
  });

  it("reads all groups of a datastore after its verify job, but not when the jobs are first heard of", () => {
    const memory = new GroupMemory();
    const groups = many(10);
    pollOnce(memory, groups);
    expect(pollOnce(memory, groups, new Map([["main", 5_000]]))).toHaveLength(1);
    expect(pollOnce(memory, groups, new Map([["main", 6_000]]))).toHaveLength(10);
  });
});

describe("a group's snapshots", () => {
  const anySnapshot = fc.record({
    "backup-time": fc.integer({ min: 1, max: 2_000_000_000 }),
    size: fc.option(fc.nat(), { nil: undefined }),
    verification: fc.option(fc.record({ state: fc.constantFrom("ok", "failed", "odd") }), { nil: null }),
  });

  it("are counted once each, in whatever order they come", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anySnapshot, { selector: (one) => one["backup-time"] }), (rows) => {
        const snapshots = rows.map((row) => snapshotShape.parse(row));
        const told = summarize(snapshots);
        expect(summarize(snapshots.toReversed())).toEqual(told);
        const finished = snapshots.filter(({ size }) => size !== undefined);
        const passed = finished.filter(({ verification }) => verification?.state === "ok").length;
        expect(told.unverified + told.failed + passed).toBe(finished.length);
        expect(told.oldestUnverified === undefined).toBe(told.unverified === 0);
        expect(told.lastGood === undefined).toBe(told.failed === finished.length);
      }),
    );
  });

  it("tell the usual interval from the newest ones, and none from fewer than three", () => {
    const at = (...days: number[]) =>
      days.map((day) => ({ "backup-time": day * 86_400, size: 1, comment: undefined, verification: undefined }));
    expect(summarize(at(9, 10)).usualInterval).toBeUndefined();
    expect(summarize(at(100, 99, 98, 96, 95, 60, 30)).usualInterval).toBe(86_400);
  });

  it("tell nothing when there are none", () => {
    expect(details).toMatchObject({ lastGood: undefined, lastSize: undefined, unverified: 0, failed: 0 });
  });
});
