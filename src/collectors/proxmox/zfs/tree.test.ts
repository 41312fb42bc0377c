import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPoolTree, zfsRows } from "./tree.ts";

type Wire = Record<string, unknown>;

const row = (name: string, state: string, children: Wire[] = [], msg = ""): Wire => ({
  name,
  state,
  read: 0,
  write: 0,
  cksum: 0,
  msg,
  leaf: children.length === 0 ? 1 : 0,
  ...(children.length > 0 && { children }),
});
const disk = (name: string, state = "ONLINE", msg = "") => row(`/dev/disk/by-id/${name}`, state, [], msg);
const section = (name: string, ...children: Wire[]): Wire => ({ name, msg: "", leaf: 0, children });
const pool = (...vdevs: Wire[]) => row("tank", "ONLINE", vdevs);
const read = (...found: unknown[]) => readPoolTree("tank", zfsRows.parse(found));
const vdevsOf = (...found: unknown[]) =>
  Object.fromEntries(read(...found).vdevs.map(({ name, redundancy, full }) => [name, [redundancy, full]]));
const devicesOf = (...found: unknown[]) =>
  Object.fromEntries(read(...found).devices.map(({ name, online }) => [name.replace("/dev/disk/by-id/", ""), online]));

describe("the redundancy of a vdev", () => {
  it("of a mirror is what it has beyond one disk", () => {
    const whole = row("mirror-0", "ONLINE", [disk("a"), disk("b")]);
    const threefold = row("mirror-1", "ONLINE", [disk("c"), disk("d"), disk("e")]);
    expect(vdevsOf(pool(whole, threefold))).toEqual({ "mirror-0": [1, 1], "mirror-1": [2, 2] });
  });

  it.each(["OFFLINE", "FAULTED", "UNAVAIL", "REMOVED", "DEGRADED"])("of a mirror with one disk %s is 0", (state) => {
    expect(vdevsOf(pool(row("mirror-0", "DEGRADED", [disk("a"), disk("b", state)])))).toEqual({ "mirror-0": [0, 1] });
  });

  it("of a mirror with one disk left is 0 though the pool is ONLINE", () => {
    expect(vdevsOf(pool(row("mirror-0", "ONLINE", [disk("a")])))).toEqual({ "mirror-0": [0, 1] });
  });

  it("of raidz and draid is their parity less the disks that are lost", () => {
    const disks = (lost: number) => Array.from({ length: 6 }, (_, i) => disk(`d${i}`, i < lost ? "FAULTED" : "ONLINE"));
    expect(
      vdevsOf(
        pool(
          row("raidz1-0", "ONLINE", disks(0)),
          row("raidz2-1", "DEGRADED", disks(1)),
          row("raidz3-2", "DEGRADED", disks(3)),
          row("draid2:4d:6c:0s-3", "DEGRADED", disks(1)),
          row("draid-4", "ONLINE", disks(0)),
        ),
      ),
    ).toEqual({
      "raidz1-0": [1, 1],
      "raidz2-1": [1, 2],
      "raidz3-2": [0, 3],
      "draid2:4d:6c:0s-3": [1, 2],
      "draid-4": [1, 1],
    });
  });

  it("never goes below 0", () => {
    const gone = [disk("a", "UNAVAIL"), disk("b", "UNAVAIL"), disk("c", "UNAVAIL")];
    expect(vdevsOf(pool(row("raidz1-0", "UNAVAIL", gone)))).toEqual({ "raidz1-0": [0, 1] });
  });

  it("of a pool of single disks is 0, and none was to be expected", () => {
    expect(vdevsOf(pool(disk("a"), disk("b")))).toEqual({
      "/dev/disk/by-id/a": [0, 0],
      "/dev/disk/by-id/b": [0, 0],
    });
  });

  it("of a single disk beside mirrors is 0 where theirs was to be expected", () => {
    const mirror = row("mirror-0", "ONLINE", [disk("a"), disk("b")]);
    expect(vdevsOf(pool(mirror, disk("c")))).toEqual({ "mirror-0": [1, 1], "/dev/disk/by-id/c": [0, 1] });
  });

  it("counts special and dedup vdevs, whose loss is the pool's, and no logs, caches and spares", () => {
    const two = (kind: string) => [disk(`${kind}1`), disk(`${kind}2`)];
    expect(
      vdevsOf(
        pool(row("mirror-0", "ONLINE", two("data"))),
        section("dedup", row("mirror-1", "ONLINE", two("dedup"))),
        section("special", row("mirror-2", "DEGRADED", [disk("s1"), disk("s2", "FAULTED")])),
        section("logs", disk("log")),
        section("cache", disk("cache")),
        section("spares", disk("spare", "AVAIL")),
      ),
    ).toEqual({ "mirror-0": [1, 1], "mirror-1": [1, 1], "mirror-2": [0, 1] });
  });

  it("waits until a new disk has all data", () => {
    const resilvering = row("mirror-0", "ONLINE", [disk("a"), disk("b", "ONLINE", "(resilvering)")]);
    const awaiting = row("mirror-1", "ONLINE", [disk("c"), disk("d", "ONLINE", "(awaiting resilver)")]);
    expect(vdevsOf(pool(resilvering, awaiting))).toEqual({ "mirror-0": [0, 1], "mirror-1": [0, 1] });
  });

  it("takes an old disk that still works, or a spare that has all data, for the one that is replaced", () => {
    const replacing = row("replacing-1", "ONLINE", [disk("old"), disk("new", "ONLINE", "(resilvering)")]);
    const spared = row("spare-1", "DEGRADED", [disk("bad", "FAULTED"), disk("spare")]);
    const spareNotYet = row("spare-1", "DEGRADED", [
      disk("bad2", "FAULTED"),
      disk("spare2", "ONLINE", "(resilvering)"),
    ]);
    expect(
      vdevsOf(
        pool(
          row("mirror-0", "ONLINE", [disk("a"), replacing]),
          row("raidz1-1", "DEGRADED", [disk("b"), disk("c"), spared]),
          row("raidz1-2", "DEGRADED", [disk("d"), disk("e"), spareNotYet]),
        ),
      ),
    ).toEqual({ "mirror-0": [1, 1], "raidz1-1": [1, 1], "raidz1-2": [0, 1] });
  });

  it("keeps the name of a single disk while it is replaced", () => {
    const replacing = row("replacing-0", "ONLINE", [disk("a"), disk("b", "ONLINE", "(resilvering)")]);
    expect(vdevsOf(pool(replacing))).toEqual({ "/dev/disk/by-id/a": [0, 0] });
  });

  it("is unknown where the state of a disk is, and where the kind of the vdev is", () => {
    const odd: unknown[] = [disk("a"), { name: "/dev/b", state: null }];
    const rowless: unknown[] = [disk("c"), "?"];
    expect(
      vdevsOf(
        pool(
          { ...row("mirror-0", "ONLINE"), children: odd },
          { ...row("mirror-1", "ONLINE"), children: rowless },
          row("raidz1-2", "ONLINE"),
          row("hexagon-3", "ONLINE", [disk("d"), disk("e")]),
        ),
      ),
    ).toEqual({ "mirror-0": [undefined, 1], "mirror-1": [undefined, 1], "raidz1-2": [undefined, 1] });
  });

  it("reads a pool that is named like a section", () => {
    const found = [
      row("logs", "ONLINE", [row("mirror-0", "ONLINE", [disk("a"), disk("b")])]),
      section("logs", disk("c")),
    ];
    expect(readPoolTree("logs", zfsRows.parse(found)).vdevs).toEqual([{ name: "mirror-0", redundancy: 1, full: 1 }]);
  });
});

describe("the disks of a pool", () => {
  it("are those of every section", () => {
    expect(
      devicesOf(
        pool(row("mirror-0", "DEGRADED", [disk("a"), disk("b", "FAULTED")])),
        section("logs", row("mirror-1", "ONLINE", [disk("l1"), disk("l2", "OFFLINE")])),
        section("cache", disk("c", "UNAVAIL")),
        section("spares", disk("free", "AVAIL"), disk("bad", "UNAVAIL")),
      ),
    ).toEqual({ a: true, b: false, l1: true, l2: false, c: false, free: true, bad: false });
  });

  it("keep their name when they are gone, unless another disk has it now", () => {
    const gone = row("7990249564917294300", "UNAVAIL", [], "was /dev/disk/by-id/b");
    const replaced = row("41413732360099735", "UNAVAIL", [], "was /dev/disk/by-id/a");
    expect(devicesOf(pool(row("raidz1-0", "DEGRADED", [disk("a"), gone, replaced])))).toEqual({
      a: true,
      b: false,
      "41413732360099735": false,
    });
  });

  it("are listed once when a spare is in use, with the counters of its place in the vdev", () => {
    const inUse = { ...disk("spare", "INUSE"), read: 0, write: 0, cksum: 0 };
    const spare = { ...disk("spare"), cksum: 3 };
    const vdev = row("mirror-0", "DEGRADED", [disk("a"), row("spare-1", "DEGRADED", [disk("b", "FAULTED"), spare])]);
    const { devices } = read(pool(vdev), section("spares", inUse));
    expect(devices.filter(({ name }) => name.endsWith("spare"))).toEqual([
      { name: "/dev/disk/by-id/spare", online: true, errors: { read: 0, write: 0, checksum: 3 } },
    ]);
  });

  it("have no counters as spares, whatever Proxmox VE makes of the words there", () => {
    const { devices } = read(pool(disk("a")), section("spares", disk("other", "INUSE")));
    expect(devices.at(-1)?.errors).toEqual({ read: undefined, write: undefined, checksum: undefined });
  });

  it("are read from any tree without failing, none twice and none without a name", () => {
    const json = fc.jsonValue();
    const name = fc.oneof(fc.constantFrom("tank", "mirror-0", "raidz2-1", "spare-1", "logs", "12345", ""), fc.string());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        json,
        fc.record({
          name,
          state: fc.oneof(fc.constant("ONLINE"), json),
          msg: fc.string(),
          children: fc.array(tie("tree")),
        }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), (found) => {
        const { devices, vdevs } = read(...found);
        for (const names of [devices, vdevs].map((each) => each.map((one) => one.name))) {
          expect(new Set(names).size).toBe(names.length);
          expect(names).not.toContain("");
        }
        for (const { redundancy, full } of vdevs) expect(redundancy ?? 0).toBeLessThanOrEqual(full);
      }),
    );
  });
});

it("reads null for no rows", () => {
  expect(zfsRows.parse(null)).toEqual([]);
});
