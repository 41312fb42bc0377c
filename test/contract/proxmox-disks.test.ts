import { describe, expect, it } from "vitest";
import type { ProxmoxLab } from "../../src/lab/proxmox/contract.ts";
import type { PveNode, WireRow } from "../../src/lab/proxmox/model.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const value = ({ series }: Polled, text: string): number | undefined => series.get(text);
const keysOf = ({ series }: Polled, part: string): string[] => [...series.keys()].filter((text) => text.includes(part));

function nodeOf(lab: ProxmoxLab, name = "pve1"): PveNode {
  const found = lab.state.nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`the lab has no node ${name}`);
  return found;
}

describe("the disks part", () => {
  it("wakes no disk unless that is wanted, and then knows neither health nor wear", async () => {
    const lab = await startLab();
    const polled = await pollTarget(await openTarget(lab), ["disks"]);
    expect(keysOf(polled, "pve_physical_disk_size_bytes")).toHaveLength(8);
    expect(keysOf(polled, "pve_physical_disk_healthy")).toEqual([]);
    expect(keysOf(polled, "pve_physical_disk_life_left_ratio")).toEqual([]);
    const lists = lab.nodes.flatMap(({ requests }) => requests.filter(({ path }) => path.endsWith("/disks/list")));
    expect(lists.map(({ query }) => query.get("skipsmart"))).toEqual(["1", "1", "1"]);
  });

  it.each([
    ["PASSED", 1],
    ["OK", 1],
    ["FAILED!", 0],
    ["FAILURE PREDICTION THRESHOLD EXCEEDED", 0],
    ["UNKNOWN", undefined],
    ["SMART Disabled", undefined],
    ["", undefined],
    [null, undefined],
  ])("makes of the health %j: %j", async (health, expected) => {
    const lab = await startLab();
    const disk = nodeOf(lab).disks[0];
    Object.assign(disk ?? {}, { health, serial: "S1" });
    const polled = await pollTarget(await openTarget(lab, { more: { smart: true } }), ["disks"]);
    expect(value(polled, 'pve_physical_disk_healthy{node="pve1",disk="S1"}')).toBe(expected);
  });

  it.each([
    [97, 0.97],
    ["97", 0.97],
    [" 3 ", 0.03],
    [0, 0],
    [-12, 0],
    ["N/A", undefined],
    ["", undefined],
    [null, undefined],
    [200, undefined],
  ])("makes of the wearout %j: %j", async (wearout, expected) => {
    const lab = await startLab();
    Object.assign(nodeOf(lab).disks[0] ?? {}, { wearout, serial: "S1" });
    const polled = await pollTarget(await openTarget(lab, { more: { smart: true } }), ["disks"]);
    expect(value(polled, 'pve_physical_disk_life_left_ratio{node="pve1",disk="S1"}')).toBe(expected);
  });

  it("calls a disk by its serial number, and by its path where that is missing or not its own", async () => {
    const lab = await startLab();
    const [first, second, third] = nodeOf(lab).disks;
    const more = { ...third, devpath: "/dev/sdd", serial: "unknown" };
    nodeOf(lab).disks.push(more, { ...more, devpath: "/dev/sde", serial: "" });
    Object.assign(first ?? {}, { serial: "TWIN" });
    Object.assign(second ?? {}, { serial: "TWIN" });
    const polled = await pollTarget(await openTarget(lab), ["disks"]);
    expect(polled.errors).toEqual({});
    const ofNode1 = Object.keys(valuesBy(polled, "pve_physical_disk_size_bytes", "disk")).filter((disk) =>
      polled.series.has(`pve_physical_disk_size_bytes{node="pve1",disk="${disk}"}`),
    );
    expect(ofNode1).toEqual(["/dev/sda", "/dev/sdb", third?.["serial"], "/dev/sdd", "/dev/sde"]);
  });

  it("loses nothing to odd wear and lists that are null", async () => {
    const lab = await startLab();
    const target = await openTarget(lab, { more: { smart: true } });
    await lab.scenarios.wearout_odd.run(lab);
    const polled = await pollTarget(target, ["disks"]);
    expect(polled.errors).toEqual({});
    expect(keysOf(polled, "pve_physical_disk_size_bytes")).toHaveLength(8);
  });

  it("has no data, nor ZFS, for a token that may not see disks", async () => {
    const lab = await startLab();
    const blind = await openTarget(lab, { token: lab.createToken({ privileges: ["VM.Audit"] }) });
    expect((await pollTarget(blind, ["disks", "zfs"])).outcomes).toEqual({ disks: "no_data", zfs: "no_data" });
    const root = lab.createToken({ privileges: ["Sys.Audit"], path: "/", propagate: false });
    const seeing = await openTarget(lab, { token: root });
    expect((await pollTarget(seeing, ["disks", "zfs"])).outcomes).toEqual({ disks: "success", zfs: "success" });
  });
});

describe("the zfs part", () => {
  const rpool = 'node="pve1",pool="rpool"';

  it("reads a healthy pool in full", async () => {
    const lab = await startLab();
    const polled = await pollTarget(await openTarget(lab), ["zfs"]);
    expect(polled.errors).toEqual({});
    const [{ list, detail } = { list: { name: "" }, detail: {} as WireRow }] = nodeOf(lab).zpools;
    expect(value(polled, `pve_zfs_pool_size_bytes{${rpool}}`)).toBe(list["size"]);
    expect(value(polled, `pve_zfs_pool_fragmentation_ratio{${rpool}}`)).toBe(Number(list["frag"]) / 100);
    expect(value(polled, `pve_zfs_pool_state{${rpool},state="ONLINE"}`)).toBe(1);
    expect(value(polled, `pve_zfs_pool_state{${rpool},state="DEGRADED"}`)).toBe(0);
    expect(value(polled, `pve_zfs_pool_data_errors{${rpool}}`)).toBe(0);
    expect(value(polled, `pve_zfs_pool_scrub_errors{${rpool}}`)).toBe(0);
    expect(value(polled, `pve_zfs_pool_resilvering{${rpool}}`)).toBe(0);
    expect(value(polled, `pve_zfs_vdev_redundancy_disks{${rpool},vdev="mirror-0"}`)).toBe(1);
    expect(value(polled, `pve_zfs_vdev_redundancy_full_disks{${rpool},vdev="mirror-0"}`)).toBe(1);
    expect(keysOf(polled, `pve_zfs_device_online{${rpool}`)).toHaveLength(2);
    const ended = String(detail["scan"]).split(" on ")[1] ?? "";
    expect(value(polled, `pve_zfs_pool_last_scrub_timestamp_seconds{${rpool}}`)).toBe(
      Date.parse(`${ended} UTC`) / 1000,
    );
  });

  it("reads the time of a scrub by the node's own clock, and asks for its zone only once", async () => {
    const lab = await startLab();
    const time = Date.UTC(2026, 6, 1) / 1000;
    lab.rewrite("/nodes/pve1/time", () => ({ timezone: "Europe/Vienna", time, localtime: time + 7200 }));
    lab.rewrite("/nodes/pve2/time", () => null);
    Object.assign(nodeOf(lab).zpools[0]?.detail ?? {}, {
      scan: "scrub repaired 0B in 00:12:34 with 3 errors on Sun Jul 12 00:24:13 2026",
    });
    const target = await openTarget(lab);
    await pollTarget(target, ["zfs"]);
    const polled = await pollTarget(target, ["zfs"]);
    const scrubbed = value(polled, `pve_zfs_pool_last_scrub_timestamp_seconds{${rpool}}`);
    expect(scrubbed).toBe(Date.UTC(2026, 6, 11, 22, 24, 13) / 1000);
    expect(value(polled, `pve_zfs_pool_scrub_errors{${rpool}}`)).toBe(3);
    expect(lab.calls().byPath["/nodes/pve1/time"]).toBe(1);
    // without a zone the time is unknown, and all else is not
    expect(keysOf(polled, 'pve_zfs_pool_last_scrub_timestamp_seconds{node="pve2"')).toEqual([]);
    expect(value(polled, 'pve_zfs_pool_scrub_errors{node="pve2",pool="rpool"}')).toBe(0);
    expect(polled.errors["zfs"]).toMatchObject([{ piece: "pve2/rpool", reason: "unexpected_shape" }]);
  });

  it("sees a mirror that lost a disk, and counts cut short as what they are", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.zfs_degraded.run(lab);
    const polled = await pollTarget(target, ["zfs"]);
    expect(polled.errors).toEqual({});
    expect(value(polled, `pve_zfs_pool_state{${rpool},state="DEGRADED"}`)).toBe(1);
    expect(value(polled, `pve_zfs_vdev_redundancy_disks{${rpool},vdev="mirror-0"}`)).toBe(0);
    expect(value(polled, `pve_zfs_vdev_redundancy_full_disks{${rpool},vdev="mirror-0"}`)).toBe(1);
    const online = keysOf(polled, `pve_zfs_device_online{${rpool}`).map((key) => value(polled, key));
    expect(online.toSorted()).toEqual([0, 1]);
    expect(keysOf(polled, `pve_zfs_device_errors{${rpool}`).some((key) => value(polled, key) === 1.2)).toBe(true);
  });

  it("says nothing of a pool's figures when the pool is not to be had", async () => {
    const lab = await startLab();
    const zeroes = { size: 0, alloc: 0, free: 0, frag: 0, dedup: 0, health: "SUSPENDED" };
    Object.assign(nodeOf(lab).zpools[0]?.list ?? {}, zeroes);
    lab.rewrite("/nodes/pve1/disks/zfs/rpool", () => null);
    const polled = await pollTarget(await openTarget(lab), ["zfs"]);
    expect(value(polled, `pve_zfs_pool_state{${rpool},state="SUSPENDED"}`)).toBe(1);
    expect(keysOf(polled, rpool).every((key) => key.startsWith("pve_zfs_pool_state"))).toBe(true);
    expect(polled.errors["zfs"]).toMatchObject([{ piece: "pve1/rpool", reason: "unexpected_shape" }]);
  });

  it("has a series for a state that it does not know yet, and none for prose that it does not know", async () => {
    const lab = await startLab();
    const [pool] = nodeOf(lab).zpools;
    Object.assign(pool?.list ?? {}, { health: "MELTED" });
    Object.assign(pool?.detail ?? {}, {
      scan: "scrubbing somehow",
      errors: "List of errors unavailable: no privileges",
    });
    const polled = await pollTarget(await openTarget(lab), ["zfs"]);
    expect(value(polled, `pve_zfs_pool_state{${rpool},state="MELTED"}`)).toBe(1);
    for (const name of ["data_errors", "last_scrub_timestamp_seconds", "scrub_errors", "resilvering"])
      expect(keysOf(polled, `pve_zfs_pool_${name}{${rpool}`)).toEqual([]);
  });

  it("is quiet where there is no pool", async () => {
    const polled = await pollTarget(await openTarget(await startLab({ zfs: false })), ["zfs"]);
    expect(polled).toEqual({ series: new Map(), errors: {}, outcomes: { zfs: "success" } });
  });
});

describe("the ceph part", () => {
  it.each(["8.4", "9.1"] as const)(
    "reads a healthy cluster, whether or not it lists its monitors (%s)",
    async (version) => {
      const polled = await pollTarget(await openTarget(await startLab({ version })), ["ceph"]);
      expect(Object.fromEntries(polled.series)).toMatchObject({
        pve_ceph_health_status: 0,
        pve_ceph_monitors: 3,
        pve_ceph_monitors_in_quorum: 3,
        pve_ceph_osds: 3,
        pve_ceph_degraded_objects_ratio: 0,
        'pve_ceph_placement_groups{state="active+clean"}': 129,
      });
    },
  );

  it("has no data where there is no Ceph, and none that the token may not see", async () => {
    const without = await openTarget(await startLab({ ceph: false }));
    expect((await pollTarget(without, ["ceph"])).outcomes).toEqual({ ceph: "no_data" });
    const lab = await startLab();
    const blind = await openTarget(lab, { token: lab.createToken({ privileges: ["VM.Audit"] }) });
    expect((await pollTarget(blind, ["ceph"])).outcomes).toEqual({ ceph: "no_data" });
  });

  it("tells the checks that are raised, and not those that somebody muted", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.ceph_warning.run(lab);
    const before = await pollTarget(target, ["ceph"]);
    expect(value(before, "pve_ceph_health_status")).toBe(1);
    expect(value(before, "pve_ceph_osds_up")).toBe(2);
    expect(value(before, "pve_ceph_degraded_objects_ratio")).toBeGreaterThan(0);
    const checks = keysOf(before, "pve_ceph_health_check");
    expect(checks.length).toBeGreaterThan(0);
    lab.rewrite("/cluster/ceph/status", (data) => {
      const { health, ...rest } = data as { health: { checks: Record<string, WireRow> } };
      const [[name, check] = ["", {}], ...others] = Object.entries(health.checks);
      return {
        ...rest,
        health: { ...health, checks: { ...Object.fromEntries(others), [name]: { ...check, muted: true } } },
      };
    });
    expect(keysOf(await pollTarget(target, ["ceph"]), "pve_ceph_health_check")).toHaveLength(checks.length - 1);
  });

  it("leaves out what an answer does not have, or has as something else", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    lab.rewrite("/cluster/ceph/status", () => ({
      health: { status: "HEALTH_ODD", checks: [1] },
      quorum_names: null,
      monmap: { mons: null },
      osdmap: { num_osds: "3", num_up_osds: {}, num_in_osds: null },
      pgmap: { num_pgs: 1, pgs_by_state: null, degraded_ratio: "much" },
    }));
    expect(Object.fromEntries((await pollTarget(target, ["ceph"])).series)).toEqual({ pve_ceph_osds: 3 });
    lab.rewrite("/cluster/ceph/status", () => ({}));
    expect((await pollTarget(target, ["ceph"])).series).toEqual(new Map());
  });
});
