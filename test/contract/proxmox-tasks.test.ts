import { describe, expect, it } from "vitest";
import type { ProxmoxLab } from "../../src/lab/proxmox/contract.ts";
import type { PveGuest, PveTask } from "../../src/lab/proxmox/model.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const HOUR = 3600;
const idOf = ({ type, vmid }: PveGuest): string => `${type}/${vmid}`;
const guestAt = ({ state }: ProxmoxLab, index: number): PveGuest => must(state.guests.at(index));
const reasons = ({ errors }: Polled) => errors["tasks"]?.map(({ piece, reason }) => [piece, reason]);
const logCalls = (lab: ProxmoxLab): string[] => Object.keys(lab.calls().byPath).filter((path) => path.endsWith("/log"));

function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("the lab does not have what the test needs");
  return found;
}

describe("tasks", () => {
  const poll = async (lab: ProxmoxLab) => pollTarget(await openTarget(lab), ["tasks"]);
  const success = (polled: Polled) => valuesBy(polled, "pve_guest_backup_task_success", "id");
  const manyGuests = ({ state }: ProxmoxLab): PveTask =>
    must(state.tasks.find(({ type, id }) => type === "vzdump" && id === ""));
  const newestOf = (tasks: readonly PveTask[]) => Math.max(...tasks.map(({ endtime }) => endtime ?? 0));

  it("knows what became of every guest of a backup whose id is empty", async () => {
    const lab = await startLab();
    const polled = await poll(lab);
    expect(polled.errors).toEqual({});
    const [daily] = lab.state.backupJobs;
    const inJob = lab.state.guests.filter(({ vmid, template }) => !template && !daily?.exclude?.includes(String(vmid)));
    expect(success(polled)).toEqual(Object.fromEntries(inJob.map((guest) => [idOf(guest), 1])));
    const { node } = guestAt(lab, 1);
    const there = lab.state.tasks.filter((task) => task.node === node && task.type === "vzdump");
    const label = `{node="${node}",outcome="ok"}`;
    expect(polled.series.get(`pve_backup_task_end_timestamp_seconds${label}`)).toBe(newestOf(there));
  });

  it("finds the one guest that failed among those of a job", async () => {
    const lab = await startLab();
    await lab.scenarios.backup_failed.run(lab);
    lab.state.tasks = lab.state.tasks.filter(({ type, id }) => type !== "vzdump" || id === "");
    const task = manyGuests(lab);
    const victim = must(/Backup of VM (\d+) failed/.exec(task.log.join("\n"))?.[1]);
    const polled = await poll(lab);
    const failed = Object.entries(success(polled)).flatMap(([id, value]) => (value === 0 ? [id.split("/")[1]] : []));
    expect(failed).toEqual([victim]);
    const label = `{node="${task.node}",outcome="failed"}`;
    expect(polled.series.get(`pve_backup_task_end_timestamp_seconds${label}`)).toBe(task.endtime);
    expect([...polled.series.keys()].filter((text) => text.startsWith("pve_tasks_failed{"))).not.toContainEqual(
      expect.stringContaining("vzdump"),
    );
  });

  it("takes a backup with warnings for a good one, and lets the newer task of a guest decide", async () => {
    const lab = await startLab();
    const guest = guestAt(lab, 4);
    const now = Math.floor(Date.now() / 1000);
    const single = (status: string, endtime: number): PveTask => ({
      ...manyGuests(lab),
      upid: `UPID:${guest.node}:0000:${endtime}:vzdump:${guest.vmid}:root@pam:`,
      node: guest.node,
      id: String(guest.vmid),
      starttime: endtime - 60,
      endtime,
      status,
    });
    lab.state.tasks.unshift(single("WARNINGS: 2", now - 30));
    lab.state.tasks.push(single("got signal 9", now - 90));
    const polled = await poll(lab);
    expect(success(polled)[idOf(guest)]).toBe(1);
    expect(polled.series.get(`pve_guest_backup_task_end_timestamp_seconds{id="${idOf(guest)}"}`)).toBe(now - 30);
    lab.state.tasks.unshift(single("unable to find configuration file", now - 10));
    expect(success(await poll(lab))[idOf(guest)]).toBe(0);
  });

  it("reads each log once, and says nothing of what ended before one that it could not read", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const first = await pollTarget(target, ["tasks"]);
    const [path] = logCalls(lab);
    expect(logCalls(lab).length).toBeGreaterThan(0);
    lab.resetCalls();
    expect(success(await pollTarget(target, ["tasks"]))).toEqual(success(first));
    expect(logCalls(lab)).toEqual([]);
    const { node, upid } = manyGuests(lab);
    expect(path).toContain("/tasks/");
    // an older backup of a single guest must not pass for its newest
    const [last] = lab.state.guests.filter((guest) => guest.node === node).slice(-1);
    const ago = must(manyGuests(lab).starttime) - HOUR;
    const older = { id: String(last?.vmid), upid: "UPID:older", starttime: ago, endtime: ago + 60 };
    lab.state.tasks.push({ ...manyGuests(lab), ...older });
    const newcomer = await openTarget(lab);
    lab.rewrite(`/nodes/${node}/tasks/${encodeURIComponent(upid)}/log`, () => "<html>");
    const odd = await pollTarget(newcomer, ["tasks"]);
    expect(reasons(odd)?.map(([, reason]) => reason)).toEqual(["unexpected_shape"]);
    const here = lab.state.guests.filter((guest) => guest.node === node).map(idOf);
    const newer = lab.state.tasks.filter(({ id, endtime = 0 }) => id !== "" && endtime > newestOf([manyGuests(lab)]));
    const known = Object.keys(success(odd)).filter((id) => here.includes(id));
    expect(known).toEqual(
      here.filter((id) => newer.some((task) => id.endsWith(`/${task.id}`) && task.type === "vzdump")),
    );
  });

  it("does not ask for a log again that the node does not have", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const { node, upid } = manyGuests(lab);
    const task = must(lab.state.tasks.find((each) => each.upid === upid));
    lab.rewrite(`/nodes/${node}/tasks`, (rows) => [...(rows as unknown[]), { ...task, upid: "UPID:gone", log: [] }]);
    expect(reasons(await pollTarget(target, ["tasks"]))).toHaveLength(1);
    lab.resetCalls();
    expect((await pollTarget(target, ["tasks"])).errors).toEqual({});
    expect(logCalls(lab)).toEqual([]);
  });

  it("asks again for a log that the node could not give just then", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const { node, upid } = manyGuests(lab);
    const path = `/api2/json/nodes/${node}/tasks/${encodeURIComponent(upid)}/log`;
    const entry = lab.node("pve1");
    const ends = (polled: Polled) => valuesBy(polled, "pve_guest_backup_task_end_timestamp_seconds", "id");
    const whole = ends(await poll(lab));
    await entry.setFault({ kind: "status", status: 500, path });
    expect(reasons(await pollTarget(target, ["tasks"]))).toHaveLength(1);
    await entry.setFault(undefined);
    expect(ends(await pollTarget(target, ["tasks"]))).toEqual(whole);
  });

  it("reads a log that is longer than a page, and of one that is longer than any nothing that it did not see", async () => {
    const lab = await startLab();
    const task = manyGuests(lab);
    const noise = Array.from({ length: 6_000 }, (_, i) => `INFO:  ${i % 100}% (1.0 GiB of 9.0 GiB) in ${i}s`);
    task.log = task.log.flatMap((line) => (line.startsWith("INFO: Starting Backup") ? [line, ...noise] : [line]));
    const vmids = task.log.flatMap((line) => /Finished Backup of VM (\d+)/.exec(line)?.[1] ?? []);
    lab.state.tasks = lab.state.tasks.filter(({ type, id }) => type !== "vzdump" || id === "");
    const polled = success(await poll(lab));
    const found = new Set(Object.keys(polled).map((id) => id.split("/")[1]));
    // ten pages are read, which end in the ninth backup
    expect(vmids.length).toBeGreaterThan(9);
    expect(vmids.filter((vmid) => found.has(vmid))).toEqual(vmids.slice(0, 8));
    expect(Object.values(polled)).not.toContain(0);
  });

  it("counts other tasks that failed within a day, by node and type", async () => {
    const lab = await startLab();
    const now = Math.floor(Date.now() / 1000);
    const failing = (endtime: number, more: Partial<PveTask> = {}): PveTask => ({
      ...manyGuests(lab),
      upid: `UPID:pve1:0000:${endtime}:qmstart:100:root@pam:`,
      node: "pve1",
      type: "qmstart",
      id: "100",
      starttime: endtime - 2,
      endtime,
      status: "start failed: QEMU exited with code 1",
      ...more,
    });
    const { endtime: _, status: __, ...running } = failing(now - 5);
    lab.state.tasks.push(failing(now - HOUR), failing(now - 2 * HOUR), failing(now - 30 * HOUR));
    lab.state.tasks.push(failing(now - 3 * HOUR, { status: "WARNINGS: 1" }), { ...running, upid: "UPID:running" });
    lab.state.tasks.push(failing(now - 4 * HOUR, { type: "qmigrate", starttime: now - 28 * HOUR }));
    const polled = await poll(lab);
    expect(polled.series.get('pve_tasks_failed{node="pve1",type="qmstart"}')).toBe(2);
    expect(polled.series.get('pve_tasks_failed{node="pve1",type="qmigrate"}')).toBe(1);
  });

  it("loses only the tasks of a node that fails, and none when a clock jumps back", async () => {
    const lab = await startLab({ timing: { proxyTimeoutMs: 20 } });
    const target = await openTarget(lab);
    const whole = success(await pollTarget(target, ["tasks"]));
    lab.rewrite("/nodes/pve3/tasks", () => "down");
    await lab.scenarios.clock_jumps_back.run(lab);
    const polled = await pollTarget(target, ["tasks"]);
    expect(reasons(polled)).toEqual([["pve3", "unexpected_shape"]]);
    const there = new Set(lab.state.guests.filter(({ node }) => node === "pve3").map(idOf));
    expect(success(polled)).toEqual(Object.fromEntries(Object.entries(whole).filter(([id]) => !there.has(id))));
  });

  it("asks each node for two lists, and has nothing for a token that may not see tasks", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await pollTarget(target, ["tasks"]);
    lab.resetCalls();
    await pollTarget(target, ["tasks"]);
    expect(lab.calls().byPath).toEqual({ "/nodes/pve1/tasks": 2, "/nodes/pve2/tasks": 2, "/nodes/pve3/tasks": 2 });
    const token = lab.createToken({ privileges: ["Sys.Audit"], propagate: false });
    const polled = await pollTarget(await openTarget(lab, { token }), ["tasks"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { tasks: "no_data" } });
  });
});
