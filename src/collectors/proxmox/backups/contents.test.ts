import { describe, expect, it } from "vitest";
import { contentShape, sortBackups, sumUp } from "./contents.ts";
import type { Guest } from "../guests.ts";

const guest: Guest = {
  id: "qemu/101",
  type: "qemu",
  vmid: 101,
  nodes: new Set(),
  pools: new Set(),
  template: false,
};
const guests = new Map([[101, guest]]);
const sort = (...rows: readonly unknown[]) => sortBackups(contentShape.parse(rows), guests);
const sum = (...rows: readonly object[]) =>
  sumUp(sort(...rows.map((row) => ({ vmid: 101, ...row }))).byGuest.get(101) ?? []);

describe("backups of a storage", () => {
  it("are summed up by guest, in whatever order they come", () => {
    const rows = [10, 30, 20].map((ctime) => ({ ctime, size: ctime * 2 }));
    for (const order of [rows, rows.toReversed()]) {
      expect(sum(...order)).toMatchObject({ count: 3, newest: { ctime: 30, size: 60 }, verified: undefined });
    }
  });

  it("may have texts for numbers and keys that are missing", () => {
    expect(sum({ vmid: "101", ctime: "30", size: "5" }, { vmid: "101" }).newest).toMatchObject({ ctime: 30, size: 5 });
    expect(sort(null, 7, {}, { ctime: 3 })).toEqual({ byGuest: new Map(), orphans: { count: 0, size: 0 } });
  });

  it("that a verification found damaged are not the newest good one", () => {
    const found = sum(
      { ctime: 10, verification: { state: "ok" } },
      { ctime: 20, verification: { state: "failed" } },
      { ctime: 15, verification: { state: "in some other state" } },
    );
    expect(found).toMatchObject({ count: 3, newest: { ctime: 15 }, verified: { ctime: 20, verification: false } });
  });

  it("that are still being written to a backup server do not count", () => {
    const rows = [
      { ctime: 10, size: 900, format: "pbs-vm" },
      { ctime: 20, size: 1, format: "pbs-vm" },
    ];
    expect(sum(...rows)).toMatchObject({ count: 1, newest: { ctime: 10 } });
  });

  it("are orphans when their guest is gone, or its number was given to one of the other type", () => {
    const { byGuest, orphans } = sort(
      { vmid: 900, size: 5 },
      { vmid: 101, subtype: "lxc", size: 7 },
      { vmid: 101, subtype: "qemu", size: 9 },
    );
    expect(orphans).toEqual({ count: 2, size: 12 });
    expect(byGuest.get(101)).toHaveLength(1);
  });

  it("have no size together when that of one is not known", () => {
    expect(sort({ vmid: 900, size: 5 }, { vmid: 900, size: null }).orphans).toEqual({ count: 2, size: Number.NaN });
  });
});
