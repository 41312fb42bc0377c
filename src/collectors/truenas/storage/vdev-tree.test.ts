import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topologyShape } from "./vdev-shape.ts";
import type { Earlier } from "./vdev-names.ts";
import { readPoolTree, type PoolTree } from "./vdev-tree.ts";

interface Node {
  readonly name: string;
  readonly type: string;
  readonly guid?: string;
  readonly status: string;
  readonly disk?: string | null;
  readonly children: readonly Node[];
}

const leaf = (disk: string, status = "ONLINE", more: object = {}): Node => ({
  name: `part-of-${disk}`,
  type: "DISK",
  guid: `1${disk}`,
  status,
  disk,
  children: [],
  ...more,
});
const group = (type: string, name: string, ...children: Node[]): Node => ({
  name,
  type,
  guid: `2${name}`,
  status: children.every(({ status }) => status === "ONLINE") ? "ONLINE" : "DEGRADED",
  children,
});
const mirror = (...disks: Node[]): Node => group("MIRROR", "mirror-0", ...disks);

const UNSEEN: Earlier = { whole: undefined, disks: new Map() };
const read = (topology: object, { resilvering = false, earlier = UNSEEN } = {}): PoolTree =>
  readPoolTree(topologyShape.parse(topology), resilvering, earlier);
/** Redundancy left and full by the vdev's name. */
const left = (tree: PoolTree): Record<string, readonly [number | undefined, number | undefined]> =>
  Object.fromEntries(tree.vdevs.map(({ name, redundancy }) => [name, [redundancy?.left, redundancy?.full]]));

describe("redundancy", () => {
  it.each([
    ["MIRROR", "mirror-0", 2, 1],
    ["MIRROR", "mirror-0", 3, 2],
    ["RAIDZ1", "raidz1-0", 4, 1],
    ["RAIDZ", "raidz2-0", 6, 2],
    ["RAIDZ3", "raidz3-0", 9, 3],
    ["DRAID", "draid2:4d:11c:1s-0", 11, 2],
    ["DRAID1", "draid1-0", 5, 1],
    ["", "mirror-7", 2, 1],
  ])("of %s %s with %i disks is full at %i, and one less for each disk that is lost", (type, name, count, full) => {
    for (let lost = 0; lost <= count; lost += 1) {
      const disks = Array.from({ length: count }, (_, i) => leaf(`sd${i}`, i < lost ? "FAULTED" : "ONLINE"));
      expect(left(read({ data: [group(type, name, ...disks)] }))).toEqual({ [name]: [Math.max(0, full - lost), full] });
    }
  });

  it("of a disk beside mirrors is none where theirs is to be had, as after a detach that leaves all ONLINE", () => {
    const tree = read({ data: [leaf("sda"), group("MIRROR", "mirror-1", leaf("sdb"), leaf("sdc"))] });
    expect(left(tree)).toEqual({ sda: [0, 1], "mirror-1": [1, 1] });
    expect(tree.redundancy).toBe(0);
    expect(left(read({ data: [mirror(leaf("sda"), leaf("sdb"))], special: [leaf("nvme0n1")] }))).toMatchObject({
      nvme0n1: [0, 1],
    });
  });

  it("of a pool of single disks is none, and none is missing", () => {
    expect(left(read({ data: [leaf("sda"), leaf("sdb")] }))).toEqual({ sda: [0, 0], sdb: [0, 0] });
  });

  it("of a mirror with one disk is none of one", () => {
    expect(left(read({ data: [mirror(leaf("sda"))] }))).toEqual({ "mirror-0": [0, 1] });
  });

  it("of log, cache and spare vdevs is no matter", () => {
    const tree = read({ data: [mirror(leaf("sda"), leaf("sdb"))], log: [leaf("sdc")], cache: [leaf("sdd")] });
    expect(left(tree)).toMatchObject({ sdc: [undefined, undefined], sdd: [undefined, undefined] });
    expect(tree.redundancy).toBe(1);
  });

  it("is unknown with a disk of unknown state, and with a vdev of an unknown kind", () => {
    const half = { ...leaf("sdb"), status: null };
    expect(left(read({ data: [{ ...mirror(leaf("sda")), children: [leaf("sda"), half, leaf("sdc")] }] }))).toEqual({
      "mirror-0": [undefined, 2],
    });
    const odd = read({ data: [mirror(leaf("sda"), leaf("sdb")), group("TWISTED", "twisted-1", leaf("sdc"))] });
    expect(left(odd)).toMatchObject({ "twisted-1": [undefined, undefined] });
    expect(odd.redundancy).toBeUndefined();
  });

  it("leaves out what ZFS keeps of vdevs that were removed", () => {
    const tree = read({
      data: [{ ...leaf("x"), type: "INDIRECT", name: "indirect-0" }, mirror(leaf("sda"), leaf("sdb"))],
    });
    expect(left(tree)).toEqual({ "mirror-0": [1, 1] });
  });

  it("never goes above full, and never rises when one more disk is lost", () => {
    const status = fc.constantFrom("ONLINE", "DEGRADED", "FAULTED", "REMOVED", "UNAVAIL", "OFFLINE", null);
    const kind = fc.constantFrom(
      ["MIRROR", "mirror"],
      ["RAIDZ1", "raidz1"],
      ["RAIDZ2", "raidz2"],
      ["RAIDZ3", "raidz3"],
      ["DRAID", "draid2:4d:9c:1s"],
      ["REPLACING", "replacing"],
      ["SPARE", "spare"],
    );
    const anyVdev = fc.record({ kind, states: fc.array(status, { minLength: 1, maxLength: 8 }) });
    const build = (vdevs: readonly { kind: readonly string[]; states: readonly (string | null)[] }[]) =>
      vdevs.map(({ kind: [type = "", name = ""], states }, i) => ({
        name: `${name}-${i}`,
        type,
        guid: `${i}`,
        status: "DEGRADED",
        children: states.map((state, j) => ({ ...leaf(`sd${i}x${j}`), status: state })),
      }));
    fc.assert(
      fc.property(
        fc.array(anyVdev, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        (vdevs, a, b, resilvering) => {
          const data = build(vdevs);
          const before = read({ data }, { resilvering });
          const hit = data[a % data.length]?.children ?? [];
          hit.splice(b % hit.length, 1, { ...leaf(`sd${a % data.length}x${b % hit.length}`), status: "FAULTED" });
          const after = read({ data }, { resilvering });
          // where it is not known there is nothing to compare
          const lefts = ({ vdevs: found }: PoolTree, unknown: number) =>
            found.map(({ redundancy }) => redundancy?.left ?? unknown);
          const fulls = ({ vdevs: found }: PoolTree) => found.map(({ redundancy }) => redundancy?.full);
          expect(lefts(before, 0).filter((count, i) => count > (fulls(before)[i] ?? 0))).toEqual([]);
          expect(lefts(after, 0).filter((count, i) => count > (lefts(before, Infinity)[i] ?? 0))).toEqual([]);
          expect(fulls(after)).toEqual(fulls(before));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a resilver", () => {
  const replacing = group("REPLACING", "replacing-1", leaf("sdb", "UNAVAIL"), leaf("sdc"));

  it("does not count the new disk of a replacement until it is done", () => {
    const data = [mirror(leaf("sda"), replacing)];
    expect(left(read({ data }, { resilvering: true }))).toEqual({ "mirror-0": [0, 1] });
    expect(left(read({ data }))).toEqual({ "mirror-0": [1, 1] });
  });

  it("counts the old disk of a replacement as long as it is well", () => {
    const well = group("REPLACING", "replacing-1", leaf("sdb"), leaf("sdc"));
    expect(left(read({ data: [mirror(leaf("sda"), well)] }, { resilvering: true }))).toEqual({ "mirror-0": [1, 1] });
  });

  it("does not count a disk that was attached to a mirror or came back, when it was seen before", () => {
    const before = read({ data: [leaf("sda"), group("MIRROR", "mirror-1", leaf("sdb"), leaf("sdc"))] });
    const data = [mirror(leaf("sda"), leaf("sdd")), group("MIRROR", "mirror-1", leaf("sdb"), leaf("sdc"))];
    const during = read({ data }, { resilvering: true, earlier: { whole: before.whole, disks: new Map() } });
    expect(left(during)).toEqual({ "mirror-0": [0, 1], "mirror-1": [1, 1] });
  });

  it("leaves redundancy unknown when it was not seen before and no disk stands in for another", () => {
    const tree = read({ data: [mirror(leaf("sda"), leaf("sdd"))] }, { resilvering: true });
    expect(left(tree)).toEqual({ "mirror-0": [undefined, 1] });
  });
});

describe("hot spares", () => {
  const inPlace = group("SPARE", "spare-1", leaf("sdb", "FAULTED"), leaf("sde"));

  it("wait while they are ONLINE, and are in use when they stand in a vdev, where the API calls them UNAVAIL", () => {
    const data = [mirror(leaf("sda"), leaf("sdb"))];
    expect(read({ data, spare: [leaf("sde"), leaf("sdf", "FAULTED")] }).spares).toEqual({ available: 1, inUse: 0 });
    const used = read({ data: [mirror(leaf("sda"), inPlace)], spare: [leaf("sde", "UNAVAIL"), leaf("sdf")] });
    expect(used.spares).toEqual({ available: 1, inUse: 1 });
    expect(left(used)).toMatchObject({ "mirror-0": [1, 1] });
    const spares = used.devices.filter((device) => device.class === "spare");
    expect(spares.map(({ disk, online, errors }) => [disk, online, errors.read])).toEqual([
      ["sde", true, undefined],
      ["sdf", true, undefined],
    ]);
  });
});

describe("names", () => {
  it("of single disks are those of the device, and stay when the disk is gone", () => {
    const before = read({ data: [leaf("sda")] });
    const gone = { ...leaf("sda", "UNAVAIL"), disk: null, unavail_disk: null };
    const after = read({ data: [gone] }, { earlier: { whole: before.whole, disks: before.disks } });
    expect(after.vdevs.map(({ name }) => name)).toEqual(["sda"]);
    expect(after.devices).toMatchObject([{ disk: "sda", guid: "1sda", online: false }]);
  });

  it("of a disk that is gone are not those of another that has its name now", () => {
    const gone = { ...leaf("sda", "UNAVAIL"), disk: null, path: "/dev/disk/by-partuuid/1234-5678" };
    const data = [{ ...mirror(gone), children: [gone, { ...leaf("sda"), guid: "999" }] }];
    const tree = read({ data }, { earlier: { whole: undefined, disks: new Map([["1sda", "sda"]]) } });
    expect(tree.devices.map(({ disk }) => disk)).toEqual(["1234-5678", "sda"]);
  });

  it("of two vdevs that are the same are told apart, whatever their order", () => {
    const [one, two] = [mirror(leaf("sda"), leaf("sdb")), { ...mirror(leaf("sdc"), leaf("sdd")), guid: "77" }];
    const names = (data: unknown[]) => new Set(read({ data }).vdevs.map(({ name }) => name));
    expect(names([one, two])).toEqual(new Set(["mirror-0#2mirror-0", "mirror-0#77"]));
    expect(names([two, one])).toEqual(names([one, two]));
    expect(names([one, one]).size).toBe(2);
  });

  it(
    "and everything else never throw and never name a series twice, whatever the answer is",
    { timeout: 30_000 },
    () => {
      const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("sda", "mirror-0", 'a"b\nc'), fc.anything());
      const { node } = fc.letrec((tie) => ({
        node: fc.oneof(
          { depthSize: "small", withCrossShrink: true },
          fc.anything(),
          fc.record(
            {
              name: text,
              type: fc.oneof(text, fc.constantFrom("MIRROR", "raidz2", "DISK", "SPARE", "REPLACING")),
              guid: fc.oneof(text, fc.maxSafeNat()),
              status: fc.oneof(text, fc.constantFrom("ONLINE", "FAULTED")),
              disk: text,
              unavail_disk: fc.anything(),
              stats: fc.anything(),
              children: fc.oneof(fc.array(tie("node"), { maxLength: 3 }), fc.anything()),
            },
            { requiredKeys: [] },
          ),
        ),
      }));
      const nodes = fc.array(node, { maxLength: 4 });
      fc.assert(
        fc.property(fc.record({ data: nodes, special: nodes, spare: nodes }), fc.boolean(), (topology, resilvering) => {
          const { vdevs, devices } = read(topology, { resilvering });
          const names = vdevs.map((vdev) => JSON.stringify([vdev.class, vdev.name]));
          expect(new Set(names).size).toBe(names.length);
          const disks = devices.map((each) => JSON.stringify([each.class, each.vdev, each.disk, each.guid]));
          expect(new Set(disks).size).toBe(disks.length);
        }),
      );
    },
  );
});
