import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";
import { buildState } from "./build/state.ts";
import { withDefaults } from "./options.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const HOURS = Array.from({ length: 48 }, (_, index) => index);

test("the healthy cluster has what a monitor should not complain of", async () => {
  const { rows, lab } = await openLab();
  const resources = await rows("cluster/resources");
  const count = (type: string): number => resources.filter((row) => row["type"] === type).length;
  expect([count("node"), count("qemu") + count("lxc"), count("storage"), count("pool")]).toEqual([3, 40, 12, 2]);
  expect(lab.state.nodes.flatMap(({ disks }) => disks)).toHaveLength(8);
  const kinds = new Set(lab.state.guests.map(({ type, node }) => `${type} on ${node}`));
  expect(kinds.size).toBe(6);
  const onboot = lab.state.guests.filter((guest) => guest.onboot === true);
  expect(onboot.every(({ status }) => status === "running")).toBe(true);
  expect(lab.state.guests.filter(({ template }) => template)).toHaveLength(1);
  expect(lab.state.guests.filter(({ lock }) => lock !== undefined).map(({ vmid }) => vmid)).toEqual([105]);
});

test("disabled jobs count as cover: only the guest that no job names is not backed up", async () => {
  const { rows } = await openLab();
  const jobs = await rows("cluster/backup");
  expect(jobs.map(({ id, enabled }) => [id, enabled])).toEqual([
    ["backup-daily", 1],
    ["backup-prod-weekly", undefined],
    ["backup-old", 0],
  ]);
  const excluded = String(jobs[0]?.["exclude"]).split(",");
  const named = String(jobs[2]?.["vmid"]).split(",");
  const free = (await rows("cluster/backup-info/not-backed-up")).map(({ vmid }) => String(vmid));
  expect(free).toEqual(excluded.filter((vmid) => !named.includes(vmid)));
  expect(free).toHaveLength(1);
});

test("backups, their tasks and their logs tell one story", () => {
  const { backups, tasks, guests } = buildState(withDefaults({}), NOON);
  const logged = tasks
    .filter(({ type, id }) => type === "vzdump" && id === "")
    .flatMap(({ log }) => log.flatMap((line) => /archive '(?<name>.+)'/.exec(line)?.groups?.["name"] ?? []));
  const onServer = backups.filter(({ storage }) => storage === "pbs");
  const stored = new Set(onServer.map(({ row }) => String(row["volid"]).slice("pbs:backup/".length)));
  expect(logged.length).toBeGreaterThan(60);
  expect(logged.filter((name) => !stored.has(name))).toEqual([]);
  const known = new Set(guests.map(({ vmid }) => vmid));
  expect(backups.filter(({ vmid }) => !known.has(vmid)).map(({ vmid }) => vmid)).toEqual([9999]);
});

test.each(HOURS)("at every time of the day nothing has happened in the future (%i)", (index) => {
  const now = NOON + index * 1_800_000 + 61_000;
  const { backups, tasks, backupJobs, replicationJobs } = buildState(withDefaults({}), now);
  const latest = Math.max(
    ...backups.map(({ row }) => Number(row["ctime"])),
    ...tasks.map(({ starttime, endtime }) => endtime ?? starttime),
    ...replicationJobs.map(({ state }) => Number(state["last_sync"])),
  );
  expect(latest * 1000).toBeLessThanOrEqual(now);
  const next = backupJobs.flatMap((job) => (job["next-run"] === undefined ? [] : [Number(job["next-run"])]));
  expect(Math.min(...next) * 1000).toBeGreaterThan(now);
});

test("the same options make the same cluster, another seed another one", () => {
  const make = (seed: number): unknown => buildState(withDefaults({ seed }), NOON);
  expect(make(1)).toEqual(make(1));
  expect(make(2)).not.toEqual(make(1));
});

test("parts that are not wanted are not there", async () => {
  const { ask, rows, lab } = await openLab({ ceph: false, zfs: false, guests: 1, nodes: 1 });
  expect(await ask("cluster/ceph/status")).toMatchObject({
    status: 500,
    reason: "binary not installed: /usr/bin/ceph-mon",
  });
  expect(await rows("nodes/pve1/disks/zfs")).toEqual([]);
  expect((await ask("cluster/config/qdevice")).data).toEqual({});
  expect(lab.state.guests).toHaveLength(1);
  expect((await openLab({ guests: 0 })).lab.state.guests).toEqual([]);
});

test("a vote from outside counts", async () => {
  const { lab, rows } = await openLab({ nodes: 2, qdevice: true });
  await lab.node("pve2").stop();
  expect((await rows("cluster/status"))[0]).toMatchObject({ quorate: 1 });
  Object.assign(lab.state.qdevice ?? {}, { State: "Disconnected" });
  expect((await rows("cluster/status"))[0]).toMatchObject({ quorate: 0 });
});

test("a large cluster answers in one piece", async () => {
  const { rows, lab } = await openLab({ nodes: 32, guests: 2000 });
  const resources = await rows("cluster/resources");
  expect(resources.filter(({ type }) => type === "qemu" || type === "lxc")).toHaveLength(2000);
  expect(resources.filter(({ type }) => type === "node")).toHaveLength(32);
  expect(await rows("cluster/backup-info/not-backed-up")).toHaveLength(1);
  expect((await rows("nodes/pve32/qemu", { node: lab.nodes[31] })).length).toBeGreaterThan(30);
});
