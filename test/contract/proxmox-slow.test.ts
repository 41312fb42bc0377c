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

/** The rows of a list, changed one by one. */
const eachRow = (change: (row: WireRow) => WireRow) => (data: unknown) => (data as WireRow[]).map(change);

/** What every part here must stand: lists that are null, and rows that are anything. */
const SHAPELESS: readonly unknown[] = [null, [], [null, 1, "x", {}, [], { name: null, storage: 7 }]];

describe("the storage part", () => {
  it("tells size and use of a storage only while the node can use it", async () => {
    const lab = await startLab();
    const nfs = lab.state.storages.find(({ storage }) => storage === "nfs")?.onNodes["pve2"];
    if (nfs === undefined) throw new Error("the lab has no nfs");
    const target = await openTarget(lab);
    const before = await pollTarget(target, ["storage"]);
    expect(value(before, 'pve_storage_size_bytes{id="storage/pve2/nfs"}')).toBe(nfs.total);
    expect(value(before, 'pve_storage_usage_bytes{id="storage/pve2/nfs"}')).toBe(nfs.used);
    nfs.active = false;
    const after = await pollTarget(target, ["storage"]);
    expect(value(after, 'pve_storage_active{id="storage/pve2/nfs"}')).toBe(0);
    expect(value(after, 'pve_storage_active{id="storage/pve1/nfs"}')).toBe(1);
    expect(keysOf(after, 'bytes{id="storage/pve2/nfs"}')).toEqual([]);
  });

  it("loses only one node's storages to a share that hangs there", async () => {
    const lab = await startLab({ timing: { stallMs: 50 } });
    const target = await openTarget(lab);
    await lab.scenarios.nfs_hung.run(lab);
    const polled = await pollTarget(target, ["storage"]);
    expect(polled.errors["storage"]).toMatchObject([{ piece: "pve3", reason: "node_unreachable" }]);
    expect(keysOf(polled, "pve_storage_size_bytes")).toHaveLength(8);
    expect(keysOf(polled, "storage/pve3/")).toEqual([]);
  });

  it("reads figures that come as text, takes no size of 0, and stands a storage that is listed twice", async () => {
    const lab = await startLab();
    lab.rewrite("/nodes/pve1/storage", (data) => {
      const [first, second] = data as WireRow[];
      const asText = { ...first, active: "1", total: "1000", used: "10" };
      return [asText, asText, { ...second, total: 0, used: 0 }, { ...second, storage: "odd", active: null }];
    });
    const polled = await pollTarget(await openTarget(lab), ["storage"]);
    expect(polled.errors).toEqual({});
    expect(value(polled, 'pve_storage_size_bytes{id="storage/pve1/local"}')).toBe(1000);
    expect(value(polled, 'pve_storage_active{id="storage/pve1/local-zfs"}')).toBe(1);
    expect(keysOf(polled, 'bytes{id="storage/pve1/local-zfs"}')).toEqual([]);
    expect(keysOf(polled, "storage/pve1/odd")).toEqual(['pve_storage_enabled{id="storage/pve1/odd"}']);
  });
});

describe("the hourly parts", () => {
  it("read subscriptions of every node, and the version of the one that answers", async () => {
    const lab = await startLab();
    Object.assign(nodeOf(lab, "pve2").subscription, { status: "bartered", nextduedate: "soon", level: null });
    const polled = await pollTarget(await openTarget(lab), ["subscription"]);
    const due = String(nodeOf(lab).subscription["nextduedate"]);
    expect(value(polled, 'pve_subscription_next_due_timestamp_seconds{id="node/pve1"}')).toBe(Date.parse(due) / 1000);
    expect(value(polled, 'pve_subscription_status{id="node/pve1",status="active"}')).toBe(1);
    expect(value(polled, 'pve_subscription_status{id="node/pve1",status="expired"}')).toBe(0);
    expect(value(polled, 'pve_subscription_status{id="node/pve2",status="bartered"}')).toBe(1);
    expect(value(polled, 'pve_subscription_status{id="node/pve3",status="notfound"}')).toBe(1);
    expect(keysOf(polled, "pve_subscription_info").toSorted()).toEqual([
      'pve_subscription_info{id="node/pve1",level="c"}',
      'pve_subscription_info{id="node/pve2",level="unknown"}',
      'pve_subscription_info{id="node/pve3",level="unknown"}',
    ]);
    expect(keysOf(polled, "pve_subscription_next_due")).toHaveLength(1);
    const { release, repoid, version } = nodeOf(lab).release;
    expect(value(polled, `pve_version_info{release="${release}",repoid="${repoid}",version="${version}"}`)).toBe(1);
  });

  it("read when each node's certificates end", async () => {
    const lab = await startLab();
    const [row] = nodeOf(lab, "pve2").certificates;
    lab.rewrite("/nodes/pve2/certificates/info", (data) => [...(data as WireRow[]), row]);
    const polled = await pollTarget(await openTarget(lab), ["certificates"]);
    expect(polled.errors).toEqual({});
    expect(keysOf(polled, "pve_certificate_not_after")).toHaveLength(6);
    const text = 'pve_certificate_not_after_timestamp_seconds{node="pve2",filename="pve-root-ca.pem"}';
    expect(value(polled, text)).toBe(row?.["notafter"]);
  });

  it("count updates where the token may change the node, and ask no other", async () => {
    const lab = await startLab();
    const usual = await openTarget(lab);
    expect((await pollTarget(usual, ["updates"])).outcomes).toEqual({ updates: "no_data" });
    expect(Object.keys(lab.calls().byPath).filter((path) => path.includes("/apt/"))).toEqual([]);
    nodeOf(lab, "pve3").updates = [];
    const token = lab.createToken({ role: "PVEAuditor", privileges: ["Sys.Modify"] });
    const polled = await pollTarget(await openTarget(lab, { token }), ["updates"]);
    expect(valuesBy(polled, "pve_node_updates_pending", "node")).toEqual({ pve1: 3, pve2: 2, pve3: 0 });
    lab.rewrite("/access/permissions", (data) => ({ ...(data as WireRow), "/nodes/pve2": { "Sys.Audit": 1 } }));
    lab.resetCalls();
    const fewer = await pollTarget(await openTarget(lab, { token }), ["updates"]);
    expect(valuesBy(fewer, "pve_node_updates_pending", "node")).toEqual({ pve1: 3, pve3: 0 });
    expect(lab.calls().byPath["/nodes/pve2/apt/update"]).toBeUndefined();
  });
});

describe("the parts that ask every guest", () => {
  it("read whether a guest is started with its node, by one call each", async () => {
    const lab = await startLab();
    const polled = await pollTarget(await openTarget(lab), ["guest-config"]);
    expect(polled.errors).toEqual({});
    const said = lab.state.guests.filter(({ onboot }) => onboot !== undefined);
    expect(keysOf(polled, "pve_onboot_status")).toHaveLength(said.length);
    for (const { type, vmid, node, onboot } of said)
      expect(value(polled, `pve_onboot_status{id="${type}/${vmid}",node="${node}",type="${type}"}`)).toBe(
        Number(onboot),
      );
    const calls = Object.entries(lab.calls().byPath).filter(([path]) => path.endsWith("/config") && /\d/.test(path));
    expect(calls.filter(([path]) => /(?:qemu|lxc)/.test(path)).map(([, count]) => count)).toEqual(
      lab.state.guests.map(() => 1),
    );
  });

  it("count snapshots without the running state, and leave templates alone", async () => {
    const lab = await startLab();
    const polled = await pollTarget(await openTarget(lab), ["snapshots"]);
    expect(polled.errors).toEqual({});
    const counts = valuesBy(polled, "pve_guest_snapshots", "id");
    const oldest = valuesBy(polled, "pve_guest_snapshot_oldest_timestamp_seconds", "id");
    const newest = valuesBy(polled, "pve_guest_snapshot_newest_timestamp_seconds", "id");
    for (const { type, vmid, template, snapshots } of lab.state.guests) {
      const id = `${type}/${vmid}`;
      expect(counts[id]).toBe(template ? undefined : snapshots.length);
      expect(oldest[id]).toBe(snapshots[0]?.snaptime);
      expect(newest[id]).toBe(snapshots.at(-1)?.snaptime);
    }
  });

  it("pass over a guest that is gone by now, and tell of one that can not be read", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await pollTarget(target, ["cluster"]);
    const [gone, broken] = lab.state.guests.filter(({ onboot }) => onboot !== undefined);
    lab.rewrite(`/nodes/${broken?.node}/${broken?.type}/${broken?.vmid}/config`, () => "?");
    lab.state.guests = lab.state.guests.filter((guest) => guest !== gone);
    const polled = await pollTarget(target, ["guest-config"]);
    expect(polled.errors["guest-config"]).toMatchObject([
      { piece: `${broken?.type}/${broken?.vmid}`, reason: "unexpected_shape" },
    ]);
    expect(keysOf(polled, "pve_onboot_status")).toHaveLength(
      lab.state.guests.filter(({ onboot }) => onboot !== undefined).length - 1,
    );
  });

  it("read a guest that migrates once, though two nodes list it", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.guest_migrating.run(lab);
    const polled = await pollTarget(target, ["guest-config", "snapshots"]);
    expect(polled.errors).toEqual({});
    const [guest] = lab.state.guests;
    expect(keysOf(polled, `pve_onboot_status{id="${guest?.type}/${guest?.vmid}"`)).toHaveLength(1);
    expect(keysOf(polled, `pve_guest_snapshots{id="${guest?.type}/${guest?.vmid}"`)).toHaveLength(1);
  });

  it("keep what the guests of a node told that is offline since", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const parts = ["guest-config", "snapshots"];
    const before = await pollTarget(target, parts);
    await lab.scenarios.node_down.run(lab);
    await pollTarget(target, ["cluster"]);
    lab.resetCalls();
    const after = await pollTarget(target, parts);
    expect(after.errors).toEqual({});
    expect(Object.fromEntries(after.series)).toEqual(Object.fromEntries(before.series));
    const down = lab.nodes.filter(
      ({ name }) => !Object.keys(lab.calls().byPath).some((path) => path.startsWith(`/nodes/${name}/`)),
    );
    expect(down).toHaveLength(1);
    const newcomer = await pollTarget(await openTarget(lab), parts);
    expect(newcomer.series.size).toBeLessThan(before.series.size);
  });

  it("ask a node no more when it fails once", async () => {
    const lab = await startLab({ timing: { proxyTimeoutMs: 20 } });
    const target = await openTarget(lab);
    await pollTarget(target, ["cluster"]);
    await lab.node("pve3").stop();
    lab.resetCalls();
    const polled = await pollTarget(target, ["guest-config"]);
    expect(polled.errors["guest-config"]).toMatchObject([{ piece: "pve3", reason: "node_unreachable" }]);
    const asked = Object.keys(lab.calls().byPath).filter((path) => path.startsWith("/nodes/pve3/"));
    expect(asked).toHaveLength(1);
    expect(keysOf(polled, 'node="pve1"').length).toBeGreaterThan(0);
  });
});

describe("all of them", () => {
  const PATHS = ["storage", "disks/list", "disks/zfs", "certificates/info", "apt/update", "subscription"];
  const PARTS = ["storage", "disks", "zfs", "certificates", "updates", "subscription"];

  it.each(SHAPELESS)("stand %j from one node, and read the others", async (shapeless) => {
    const lab = await startLab();
    const token = lab.createToken({ role: "PVEAuditor", privileges: ["Sys.Modify"] });
    const target = await openTarget(lab, { token });
    for (const path of PATHS) lab.rewrite(`/nodes/pve1/${path}`, () => shapeless);
    const polled = await pollTarget(target, PARTS);
    expect(new Set(Object.values(polled.outcomes))).toEqual(new Set(["success"]));
    for (const errors of Object.values(polled.errors))
      expect(errors).toMatchObject([{ piece: "pve1", reason: "unexpected_shape" }]);
    for (const name of ["pve_storage_size_bytes", "pve_physical_disk_info", "pve_zfs_pool_size_bytes"]) {
      expect(keysOf(polled, name).length).toBeGreaterThan(0);
      expect(keysOf(polled, name).filter((key) => key.includes("pve1"))).toEqual([]);
    }
  });

  it("pass over a node that is offline without a word and without a call", async () => {
    const lab = await startLab();
    await lab.scenarios.node_down.run(lab);
    const target = await openTarget(lab);
    lab.resetCalls();
    const polled = await pollTarget(target, [
      ...PARTS.filter((part) => part !== "updates"),
      "guest-config",
      "snapshots",
    ]);
    expect(polled.errors).toEqual({});
    expect(Object.keys(lab.calls().byPath).filter((path) => path.startsWith("/nodes/pve3/"))).toEqual([]);
  });

  it("know a node, pool or storage of an odd name, and no other by it", async () => {
    const lab = await startLab();
    const odd = 'a"b\\c d/ü';
    lab.rewrite(
      "/nodes/pve2/storage",
      eachRow((row) => ({ ...row, storage: odd })),
    );
    lab.rewrite(
      "/nodes/pve2/disks/zfs",
      eachRow((row) => ({ ...row, name: odd })),
    );
    const polled = await pollTarget(await openTarget(lab), ["storage", "zfs"]);
    expect(value(polled, `pve_storage_active{id=${JSON.stringify(`storage/pve2/${odd}`)}}`)).toBe(1);
    expect(value(polled, `pve_zfs_pool_state{node="pve2",pool=${JSON.stringify(odd)},state="ONLINE"}`)).toBe(1);
    expect(keysOf(polled, 'pve_zfs_pool_resilvering{node="pve1"')).toHaveLength(1);
    expect(polled.errors["zfs"]).toMatchObject([{ piece: `pve2/${odd}` }]);
  });
});
