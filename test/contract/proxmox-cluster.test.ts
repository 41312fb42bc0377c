import { describe, expect, it } from "vitest";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const keysOf = ({ series }: Polled, part: string): string[] => [...series.keys()].filter((text) => text.includes(part));
const value = ({ series }: Polled, text: string): number | undefined => series.get(text);
/** The series of a metric that speak of one id. */
const about = (polled: Polled, metric: string, id: string): string[] =>
  keysOf(polled, `id="${id}"`).filter((text) => text.startsWith(`${metric}{`));

describe("the cluster part", () => {
  it.each(["8.4", "9.1"] as const)("reads a healthy cluster of %s in full", async (version) => {
    const lab = await startLab({ version });
    const { errors, outcomes, ...polled } = await pollTarget(await openTarget(lab));
    expect(errors).toEqual({});
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== "success")).toEqual([["updates", "no_data"]]);
    const up = valuesBy({ errors, outcomes, ...polled }, "pve_up", "id");
    for (const { name } of lab.nodes) expect(up[`node/${name}`]).toBe(1);
    for (const { type, vmid, status } of lab.state.guests)
      expect(up[`${type}/${vmid}`]).toBe(status === "running" ? 1 : 0);
    expect(up[`cluster/${lab.state.clusterName}`]).toBe(1);
    expect(up["storage/pve1/local"]).toBe(1);
  });

  it("reads a standalone host, which has no cluster, no quorum and no high availability", async () => {
    const polled = await pollTarget(await openTarget(await startLab({ standalone: true })));
    expect(polled.errors).toEqual({});
    expect(polled.outcomes).toMatchObject({ cluster: "success", nodes: "success", quorum: "no_data", ha: "no_data" });
    expect(keysOf(polled, "cluster/").filter((text) => !text.startsWith("pve_not_backed_up"))).toEqual([]);
    expect(value(polled, 'pve_up{id="node/pve1"}')).toBe(1);
  });

  it("prints the content of a storage in one order, whatever order it comes in", async () => {
    const target = await openTarget(await startLab());
    const infos = async () => keysOf(await pollTarget(target, ["cluster"]), "pve_storage_info");
    const first = await infos();
    for (let i = 0; i < 5; i += 1) expect(await infos()).toEqual(first);
  });

  it("does not take the 0 that is said of what a guest's disk holds for a figure", async () => {
    const lab = await startLab();
    const [first, second, third] = lab.state.guests.filter(({ type }) => type === "qemu");
    Object.assign(second ?? {}, { odd: { disk: "0" } });
    Object.assign(third ?? {}, { odd: { disk: 5 } });
    const polled = await pollTarget(await openTarget(lab), ["cluster"]);
    const used = valuesBy(polled, "pve_disk_usage_bytes", "id");
    const sizes = valuesBy(polled, "pve_disk_size_bytes", "id");
    expect(used[`qemu/${first?.vmid}`]).toBeUndefined();
    expect(used[`qemu/${second?.vmid}`]).toBeUndefined();
    expect(used[`qemu/${third?.vmid}`]).toBe(5);
    for (const { type, vmid, maxdisk } of lab.state.guests) expect(sizes[`${type}/${vmid}`]).toBe(maxdisk);
    for (const { vmid, disk, status } of lab.state.guests.filter(({ type }) => type === "lxc"))
      expect(used[`lxc/${vmid}`]).toBe(status === "running" ? disk : undefined);
    expect(used["node/pve1"]).toBe(lab.state.nodes[0]?.rootfs.used);
  });

  it("lists a guest that migrates once, where it runs, and says that it is on two nodes", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.guest_migrating.run(lab);
    const polled = await pollTarget(target, ["cluster", "guests", "replication"]);
    expect(polled.errors).toEqual({});
    const placements = Object.entries(valuesBy(polled, "pve_guest_placements", "id"));
    const migrating = placements.filter(([, nodes]) => nodes === 2).map(([id]) => id);
    expect(migrating).toHaveLength(1);
    expect(about(polled, "pve_guest_info", migrating[0] ?? "")).toHaveLength(1);
    expect(value(polled, `pve_lock_state{id="${migrating[0]}",state="migrate"}`)).toBe(1);
  });

  it("tells of locks while there are any, and of states that it does not know yet", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const [guest, other] = lab.state.guests.filter(({ lock }) => lock === undefined);
    if (guest === undefined || other === undefined) throw new Error("the lab has no such guests");
    Object.assign(guest, { lock: "frozen", odd: { hastate: "pondering" } });
    const polled = await pollTarget(target, ["cluster"]);
    const id = `${guest.type}/${guest.vmid}`;
    expect(value(polled, `pve_lock_state{id="${id}",state="frozen"}`)).toBe(1);
    expect(value(polled, `pve_lock_state{id="${id}",state="backup"}`)).toBe(0);
    expect(value(polled, `pve_ha_state{id="${id}",state="pondering"}`)).toBe(1);
    expect(value(polled, `pve_ha_state{id="${id}",state="error"}`)).toBe(0);
    expect(about(polled, "pve_lock_state", `${other.type}/${other.vmid}`)).toEqual([]);
  });

  it("knows nothing of what is on a node that is down, and goes on with everything else", async () => {
    const lab = await startLab({ timing: { proxyTimeoutMs: 50, statisticsExpireMs: 0 } });
    const target = await openTarget(lab);
    const before = await pollTarget(target, ["cluster"]);
    await lab.scenarios.node_down.run(lab);
    const after = await pollTarget(target, ["cluster"]);
    expect(after.errors).toEqual({});
    expect(value(after, 'pve_up{id="node/pve3"}')).toBe(0);
    expect(about(after, "pve_cpu_usage_ratio", "node/pve3")).toEqual([]);
    const lost = lab.state.guests.filter(({ node }) => node === "pve3").map(({ type, vmid }) => `${type}/${vmid}`);
    expect(lost.length).toBeGreaterThan(0);
    for (const id of lost) {
      expect(about(after, "pve_up", id)).toEqual([]);
      expect(about(after, "pve_memory_usage_bytes", id)).toEqual([]);
      expect(about(after, "pve_guest_info", id)).toEqual(about(before, "pve_guest_info", id));
    }
    expect(about(after, "pve_up", "storage/pve3/local")).toEqual([]);
    const living = [...before.series.keys()].filter((text) => !/pve3|pve_up|usage/.test(text));
    for (const text of living.filter((each) => !lost.some((id) => each.includes(`"${id}"`))))
      expect([...after.series.keys()]).toContain(text);
  });

  it("does not take the last figures of a node that is down for those of now", async () => {
    const lab = await startLab({ timing: { proxyTimeoutMs: 50 } });
    const target = await openTarget(lab);
    await lab.scenarios.node_down.run(lab);
    const polled = await pollTarget(target, ["cluster"]);
    const guest = lab.state.guests.find(({ node, status }) => node === "pve3" && status === "running");
    const id = `${guest?.type}/${guest?.vmid}`;
    expect(about(polled, "pve_up", id)).toEqual([]);
    expect(about(polled, "pve_network_receive_bytes_total", id)).toEqual([]);
    expect(value(polled, `pve_memory_size_bytes{id="${id}"}`)).toBe(guest?.maxmem);
  });

  it("gives a number that is used anew to the new guest, and a renamed guest its new name", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await pollTarget(target, ["cluster"]);
    await lab.scenarios.vmid_reused.run(lab);
    await lab.scenarios.guest_renamed.run(lab);
    const polled = await pollTarget(target, ["cluster"]);
    expect(polled.errors).toEqual({});
    const infos = lab.state.guests.map(({ type, vmid }) => about(polled, "pve_guest_info", `${type}/${vmid}`));
    for (const [i, { name }] of lab.state.guests.entries())
      expect(infos[i]).toEqual([expect.stringContaining(`name="${name}"`)]);
    expect(keysOf(polled, "pve_guest_info")).toHaveLength(lab.state.guests.length);
  });
});

describe("the quorum part", () => {
  const tolerance = "pve_cluster_failure_tolerance_nodes";

  it("says how many more nodes may be lost, and nothing once the quorum is", async () => {
    const lab = await startLab({ timing: { proxyTimeoutMs: 50 } });
    const target = await openTarget(lab);
    const poll = () => pollTarget(target, ["cluster", "quorum"]);
    expect(value(await poll(), tolerance)).toBe(1);
    lab.state.quorate = false;
    expect(value(await poll(), tolerance)).toBeUndefined();
    lab.state.quorate = undefined;
    await lab.node("pve3").stop();
    const less = await poll();
    expect(value(less, tolerance)).toBe(0);
    expect([value(less, "pve_cluster_votes"), value(less, "pve_cluster_expected_votes")]).toEqual([2, 3]);
    await lab.node("pve2").stop();
    const lost = await poll();
    expect(value(lost, `pve_up{id="cluster/${lab.state.clusterName}"}`)).toBe(0);
    expect(value(lost, tolerance)).toBeUndefined();
  });

  it("counts the vote of the quorum device while it is connected, and knows it from none when its daemon is down", async () => {
    const lab = await startLab({ nodes: 2, qdevice: true });
    const target = await openTarget(lab);
    const poll = () => pollTarget(target, ["cluster", "quorum"]);
    const up = `pve_qdevice_up{id="cluster/${lab.state.clusterName}"}`;
    const fine = await poll();
    expect([value(fine, tolerance), value(fine, up)]).toEqual([1, 1]);
    Object.assign(lab.state.qdevice ?? {}, { State: "Connect failed" });
    const failed = await poll();
    expect([value(failed, tolerance), value(failed, up)]).toEqual([0, 0]);
    lab.rewrite("/cluster/config/qdevice", () => ({}));
    expect(value(await poll(), up)).toBe(0);
    lab.state.clusterVersion += 1;
    const without = await poll();
    expect(value(without, up)).toBeUndefined();
    expect(value(without, "pve_cluster_expected_votes")).toBe(2);
  });

  it("asks for the votes again only when the configuration has changed", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    for (let i = 0; i < 3; i += 1) await pollTarget(target, ["cluster", "quorum"]);
    expect(lab.calls().byPath["/cluster/config/nodes"]).toBe(1);
  });
});

describe("the HA part", () => {
  it("tells of the manager, the local managers and the services", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.ha_error.run(lab);
    const polled = await pollTarget(target, ["ha"]);
    expect(polled.errors).toEqual({});
    const [service] = lab.state.ha?.services ?? [];
    const id = service?.sid.replace("vm:", "qemu/").replace("ct:", "lxc/");
    expect(value(polled, `pve_ha_service_error{id="${id}"}`)).toBe(1);
    expect(Object.values(valuesBy(polled, "pve_ha_service_error", "id")).filter(Boolean)).toHaveLength(1);
    expect(valuesBy(polled, "pve_ha_master", "node")).toEqual({ pve1: 1, pve2: 0, pve3: 0 });
    expect(value(polled, 'pve_ha_node_state{node="pve1",state="online"}')).toBe(1);
    expect(Object.keys(valuesBy(polled, "pve_ha_lrm_timestamp_seconds", "node"))).toEqual(["pve1", "pve2", "pve3"]);
  });

  it("says nothing where no guest is kept, whose manager idles and writes no more", async () => {
    const lab = await startLab();
    if (lab.state.ha !== undefined) lab.state.ha.services = [];
    const polled = await pollTarget(await openTarget(lab), ["ha"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { ha: "no_data" } });
  });

  it.each([
    ["armed", 1],
    ["disarming", 0],
    ["disarmed", 0],
    ["standby", undefined],
  ])("reads %s fencing", async (state, armed) => {
    const lab = await startLab();
    const fencing = { id: "fencing", type: "fencing", node: "pve1", status: state, "armed-state": state };
    lab.rewrite("/cluster/ha/status/current", (rows) => [...(rows as unknown[]), fencing]);
    const polled = await pollTarget(await openTarget(lab), ["ha"]);
    expect(value(polled, "pve_ha_armed")).toBe(armed);
  });
});

describe("the replication part", () => {
  it("tells how each job of each node went, and when it failed", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.replication_failing.run(lab);
    const polled = await pollTarget(target, ["cluster", "replication"]);
    expect(polled.errors).toEqual({});
    const failed = valuesBy(polled, "pve_replication_failed_syncs", "id");
    expect(Object.keys(failed).toSorted()).toEqual(lab.state.replicationJobs.map(({ id }) => id).toSorted());
    expect(Object.values(failed).filter((count) => count > 0)).toEqual([3]);
    expect(new Set(Object.values(valuesBy(polled, "pve_replication_interval_seconds", "id")))).toEqual(new Set([900]));
  });

  it("tells of a disabled job, and asks only nodes that have a guest with a job", async () => {
    const lab = await startLab();
    const [job] = lab.state.replicationJobs;
    if (job === undefined) throw new Error("the lab has no replication job");
    job.disable = true;
    lab.state.replicationJobs = [job];
    const polled = await pollTarget(await openTarget(lab), ["cluster", "replication"]);
    expect(valuesBy(polled, "pve_replication_enabled", "id")).toEqual({ [job.id]: 0 });
    const asked = Object.keys(lab.calls().byPath).filter((path) => path.endsWith("/replication"));
    expect(asked).toHaveLength(2);
  });

  it("finds no data where there is no job", async () => {
    const lab = await startLab();
    lab.state.replicationJobs = [];
    const polled = await pollTarget(await openTarget(lab), ["replication"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { replication: "no_data" } });
  });
});

describe("the guests part", () => {
  it("tells of the pressure on guests that run", async () => {
    const lab = await startLab();
    const guest = lab.state.guests.find(({ status }) => status === "running");
    if (guest === undefined) throw new Error("the lab has no guest that runs");
    guest.pressure.iosome = 12.5;
    const polled = await pollTarget(await openTarget(lab), ["cluster", "guests"]);
    const labels = `id="${guest.type}/${guest.vmid}",resource="io",kind="some"`;
    expect(value(polled, `pve_guest_pressure_ratio{${labels}}`)).toBe(0.125);
  });

  it("does not ask nodes of release 8 again, which know no pressure", async () => {
    const lab = await startLab({ version: "8.4" });
    const target = await openTarget(lab);
    const poll = () => pollTarget(target, ["cluster", "guests"]);
    expect(keysOf(await poll(), "pve_guest_pressure_ratio")).toEqual([]);
    const lists = () => Object.entries(lab.calls().byPath).filter(([path]) => /\/(qemu|lxc)$/.test(path));
    const asked = lists();
    expect((await poll()).errors).toEqual({});
    expect(lists()).toEqual(asked);
  });

  it.each(["io-error", "internal-error", "guest-panicked"])("finds a virtual machine with %s", async (state) => {
    const lab = await startLab();
    const guest = lab.state.guests.find(({ type, status }) => type === "qemu" && status === "running");
    Object.assign(guest ?? {}, { odd: { status: state } });
    const polled = await pollTarget(await openTarget(lab), ["cluster", "guests"]);
    const faulted = Object.entries(valuesBy(polled, "pve_guest_faulted", "id")).filter(([, flag]) => flag === 1);
    expect(faulted).toEqual([[`qemu/${guest?.vmid}`, 1]]);
    expect(value(polled, `pve_up{id="qemu/${guest?.vmid}"}`)).toBe(0);
  });
});
