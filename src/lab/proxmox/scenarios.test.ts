import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import type { Row, TestLab } from "./__fixtures__/client.ts";
import { openLab } from "./__fixtures__/client.ts";
import type { ProxmoxScenarioName } from "./contract.ts";

async function after(name: ProxmoxScenarioName): Promise<TestLab> {
  const open = await openLab({ timing: { proxyTimeoutMs: 20, stallMs: 20 } });
  await open.lab.scenarios[name].run(open.lab);
  return open;
}

test("every scenario has its name and a sentence of help, and recover undoes it", async () => {
  const { lab, rows, ask } = await openLab({ timing: { proxyTimeoutMs: 20 } });
  const picture = async (): Promise<unknown> => {
    const storages = (await rows("cluster/resources?type=storage")).map((row) => {
      const { content: _, ...steady } = row;
      return steady;
    });
    return [structuredClone(lab.state), storages, await rows("cluster/resources?type=vm"), await ask("cluster/status")];
  };
  const before = await picture();
  const changed: Record<string, boolean> = {};
  const recovered: Record<string, boolean> = {};
  for (const [name, scenario] of Object.entries(lab.scenarios)) {
    expect(scenario.name).toBe(name);
    expect(scenario.help).toMatch(/^[^A-Z].{20,}[^.]$/);
    await scenario.run(lab);
    changed[name] = !isDeepStrictEqual(await picture(), before);
    await lab.scenarios.recover.run(lab);
    recovered[name] = isDeepStrictEqual(await picture(), before);
  }
  const names = Object.keys(lab.scenarios);
  expect(names).toHaveLength(19);
  expect(changed).toEqual(Object.fromEntries(names.map((name) => [name, name !== "recover"])));
  expect(recovered).toEqual(Object.fromEntries(names.map((name) => [name, true])));
});

test("node_down closes a port and stalls calls for that node", async () => {
  const { ask, rows, lab } = await after("node_down");
  expect((await ask("nodes/pve3/qemu")).status).toBe(595);
  await expect(ask("version", { node: lab.node("pve3") })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect((await rows("cluster/status"))[0]).toMatchObject({ quorate: 1, nodes: 3 });
});

test("nfs_hung stalls the storage calls of one node and no other call", async () => {
  const { ask, rows } = await after("nfs_hung");
  expect(await ask("nodes/pve3/storage")).toMatchObject({ status: 596, reason: "Connection timed out" });
  expect((await ask("nodes/pve3/storage/nfs/content?content=backup")).status).toBe(596);
  expect((await ask("nodes/pve3/storage/pbs/content?content=backup")).status).toBe(200);
  expect((await ask("nodes/pve2/storage")).status).toBe(200);
  expect((await ask("nodes/pve3/status")).status).toBe(200);
  const hung = (await rows("cluster/resources?type=storage")).find(({ id }) => id === "storage/pve3/nfs");
  expect(hung).toMatchObject({ status: "unknown" });
  expect(hung).not.toHaveProperty("maxdisk");
});

test("quorum_lost leaves a node that answers and is not quorate", async () => {
  const { rows } = await after("quorum_lost");
  expect((await rows("cluster/status"))[0]).toMatchObject({ quorate: 0 });
  expect((await rows("cluster/ha/status/current"))[0]).toMatchObject({
    quorate: 0,
    status: "No quorum on node 'pve1'!",
  });
  expect(await rows("cluster/resources?type=vm")).toHaveLength(40);
});

test("token_without_rights empties lists", async () => {
  const { rows, ask } = await after("token_without_rights");
  expect(await rows("cluster/resources?type=vm")).toEqual([]);
  expect((await ask("access/permissions")).data).toEqual({});
});

test("guest_migrating lists one number on two nodes", async () => {
  const { rows } = await after("guest_migrating");
  const twice = (await rows("cluster/resources?type=vm")).filter(({ vmid }) => vmid === 100);
  expect(twice.map(({ id, node, lock }) => [id, node, lock])).toEqual([
    ["qemu/100", "pve1", "migrate"],
    ["qemu/100", "pve2", "migrate"],
  ]);
});

test("wearout_odd mixes texts, numbers and null", async () => {
  const { rows, lab } = await after("wearout_odd");
  const disks = (await Promise.all(lab.nodes.map(({ name }) => rows(`nodes/${name}/disks/list`)))).flat();
  expect(disks.map(({ wearout }) => wearout)).toEqual(["N/A", "87", null, "", 100, "N/A", "87", null]);
  expect(disks.some((disk) => disk["osdid-list"] === null)).toBe(true);
});

test("skipsmart tells nothing of a disk's health", async () => {
  const { rows } = await after("disk_failing");
  expect((await rows("nodes/pve1/disks/list"))[0]).toMatchObject({ health: "FAILED", wearout: 3 });
  expect((await rows("nodes/pve1/disks/list?skipsmart=1"))[0]).toMatchObject({ health: "UNKNOWN", wearout: "N/A" });
});

test("backup_job_disabled changes nothing in what Proxmox VE itself calls covered", async () => {
  const { rows } = await after("backup_job_disabled");
  expect((await rows("cluster/backup"))[0]).toMatchObject({ id: "backup-daily", enabled: 0 });
  expect(await rows("cluster/backup-info/not-backed-up")).toHaveLength(1);
});

test("backup_failed leaves an error in the log of a task without an id, and no backup of that night", async () => {
  const { rows, lab } = await after("backup_failed");
  const failed = await failedBackup();
  expect(failed).toMatchObject({ id: "", status: "job errors" });
  const path = `nodes/${String(failed?.["node"])}/tasks/${encodeURIComponent(String(failed?.["upid"]))}/log?limit=1000`;
  const lines = (await rows(path)).map(({ t }) => String(t));
  const vmid = lines.flatMap((line) => /^ERROR: Backup of VM (\d+) failed - /.exec(line)?.[1] ?? [])[0];
  expect(lines.slice(-3)).toEqual([
    "INFO: Backup job finished with errors",
    "INFO: notified via target `mail-to-root`",
    "TASK ERROR: job errors",
  ]);
  const left = lab.state.backups.filter((one) => one.storage === "pbs" && String(one.vmid) === vmid);
  expect(left).toHaveLength(2);

  async function failedBackup(): Promise<Row | undefined> {
    const lists = await Promise.all(
      lab.nodes.map(({ name }) => rows(`nodes/${name}/tasks?typefilter=vzdump&statusfilter=error`)),
    );
    return lists.flat()[0];
  }
});

test("verify_failed marks the newest backup", async () => {
  const { rows } = await after("verify_failed");
  const own = await rows("nodes/pve1/storage/pbs/content?content=backup&vmid=100");
  const newest = own.toSorted((a, b) => Number(b["ctime"]) - Number(a["ctime"]))[0];
  expect(newest).toMatchObject({ verification: { state: "failed" } });
});

test("replication_failing counts failures and says why", async () => {
  const { rows, ask } = await after("replication_failing");
  const [job] = await rows("nodes/pve1/replication");
  expect(job).toMatchObject({ id: "100-0", fail_count: 3, error: expect.stringContaining("zfs recv") as string });
  expect(Number(job?.["last_try"]) - Number(job?.["last_sync"])).toBe(3600);
  expect((await ask("nodes/pve1/replication/100-0/status")).data).toMatchObject({ fail_count: 3 });
  expect((await rows("cluster/replication"))[0]).not.toHaveProperty("fail_count");
});

test("zfs_degraded shows on the pool, the mirror and the disk", async () => {
  const { rows, ask } = await after("zfs_degraded");
  expect((await rows("nodes/pve1/disks/zfs"))[0]).toMatchObject({ name: "rpool", health: "DEGRADED" });
  const { data } = await ask("nodes/pve1/disks/zfs/rpool");
  const mirror = { name: "mirror-0", state: "DEGRADED" };
  expect(data).toMatchObject({ state: "DEGRADED", children: [{ name: "rpool", children: [mirror] }] });
  expect(JSON.stringify(data)).toContain('"state":"FAULTED","read":1.2');
});

test("ha_error, ceph_warning, locked_guest, guest_renamed and vmid_reused show in the resources and states", async () => {
  const { rows, ask, lab } = await after("ha_error");
  const guest = async (vmid: number): Promise<Row | undefined> =>
    (await rows("cluster/resources?type=vm")).find((row) => row["vmid"] === vmid);
  expect(await guest(100)).toMatchObject({ hastate: "error" });
  await lab.scenarios.ceph_warning.run(lab);
  expect((await ask("cluster/ceph/status")).data).toMatchObject({
    health: { status: "HEALTH_WARN" },
    osdmap: { num_osds: 3, num_up_osds: 2 },
  });
  await lab.scenarios.locked_guest.run(lab);
  expect(await guest(101)).toMatchObject({ lock: "snapshot" });
  await lab.scenarios.guest_renamed.run(lab);
  expect(await guest(100)).toMatchObject({ name: "renamed", tags: "other;renamed", id: "qemu/100" });
  await lab.scenarios.vmid_reused.run(lab);
  expect(await guest(101)).toMatchObject({ id: "lxc/101", name: "newcomer", uptime: 12 });
});

test("clock_jumps_back shows in what is stamped from now on", async () => {
  const { ask, rows, lab } = await openLab();
  const stamp = async (): Promise<number> =>
    Number((await rows("cluster/ha/status/current")).find(({ id }) => id === "master")?.["timestamp"]);
  const before = await stamp();
  await lab.scenarios.clock_jumps_back.run(lab);
  expect((await stamp()) - before).toBe(-3600);
  expect((await ask("nodes/pve1/time")).data).toMatchObject({ time: Date.UTC(2026, 10, 23, 11) / 1000 });
});
