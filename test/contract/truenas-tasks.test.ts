import { describe, expect, it } from "vitest";
import type { TrueNasLab, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import type { LabJobTask, LabReplication, LabSnapshotTask } from "../../src/lab/truenas/model/tasks-shapes.ts";
import { takeSnapshot } from "../../src/lab/truenas/model/snapshots.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES: readonly TrueNasRelease[] = ["24.10", "25.04", "25.10", "26"];
const HOUR = 3_600;
const DAY = 86_400;

const poll = (target: OpenTarget) => pollTarget(target, ["tasks"]);

function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("the lab does not have what the test needs");
  return found;
}

const hourly = ({ state }: TrueNasLab): LabSnapshotTask => must(state.tasks.snapshotTasks[0]);
const push = ({ state }: TrueNasLab): LabReplication => must(state.tasks.replications[0]);
const photos = ({ state }: TrueNasLab): LabJobTask => must(state.tasks.cloudSyncs[0]);

/** The values of a task's metrics, without the beginning that all of their names have. */
function task({ series }: Polled, kind: string, id: number): Record<string, number> {
  const pattern = new RegExp(`^truenas_task_(\\w+)\\{kind="${kind}",task_id="${id}",`);
  return Object.fromEntries(
    [...series].flatMap(([text, value]) => {
      const name = pattern.exec(text)?.[1];
      return name === undefined || name === "info" ? [] : [[name, value]];
    }),
  );
}

const infos = ({ series }: Polled): readonly string[] =>
  [...series.keys()].filter((text) => text.startsWith("truenas_task_info{")).map((text) => text.slice(18, -1));

const reasons = ({ errors }: Polled) => errors["tasks"]?.map(({ piece, reason }) => [piece, reason]);

describe.each(RELEASES)("tasks of TrueNAS %s", (release) => {
  it("are known with their schedules and last runs", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const polled = await poll(target);
    expect(polled.errors).toEqual({});
    const at = must(hourly(lab).state.datetime);
    expect(task(polled, "snapshot", 1)).toEqual({
      enabled: 1,
      running: 0,
      held: 0,
      last_run_success: 1,
      last_run_timestamp_seconds: at,
      last_success_timestamp_seconds: at,
      due_timestamp_seconds: at - 2 + HOUR,
      interval_seconds: HOUR,
    });
    expect(task(polled, "snapshot", 4)).toEqual({
      enabled: 1,
      running: 0,
      held: 0,
      interval_seconds: expect.closeTo(7 * DAY, -4),
    });
    expect(task(polled, "snapshot", 5)).toMatchObject({ enabled: 0 });
    const pushed = must(push(lab).state.datetime);
    expect(task(polled, "replication", 1)).toMatchObject({
      last_success_timestamp_seconds: pushed,
      due_timestamp_seconds: pushed - 95 + HOUR,
      interval_seconds: HOUR,
    });
    expect(task(polled, "replication", 3)["interval_seconds"]).toBeCloseTo(DAY, -4);
    expect(task(polled, "replication", 4)).toEqual({ enabled: 1, running: 0, held: 0 });
    const { startedAt, finishedAt } = must(photos(lab).job);
    expect(task(polled, "cloud_sync", 1)).toMatchObject({
      running: 0,
      last_run_success: 1,
      last_success_timestamp_seconds: finishedAt,
      due_timestamp_seconds: expect.closeTo(startedAt + DAY, -4),
    });
    expect(task(polled, "cloud_sync", 2)).toMatchObject({ enabled: 1, running: 0 });
    expect(task(polled, "rsync", 2)).toMatchObject({ last_run_success: 1, interval_seconds: HOUR / 2 });
    expect(task(polled, "cloud_backup", 1)).toMatchObject({ last_run_success: 1 });
  });

  it("are named as people name them, and no credential is shown", async () => {
    const { target } = await openTrueNasLab({ release });
    expect(infos(await poll(target))).toEqual(
      expect.arrayContaining([
        'kind="snapshot",task_id="1",name="tank/home",schedule="0 * * * *",source="tank/home",destination=""',
        'kind="replication",task_id="1",name="home to offsite",schedule="",source="tank/home",destination="remote:vault/nas/home"',
        'kind="replication",task_id="2",name="fetch web servers",schedule="0 4 * * *",source="remote:rpool/data/web",destination="backup/web"',
        'kind="replication",task_id="3",name="tank to backup",schedule="",source="tank/projects, tank/media",destination="backup/tank"',
        'kind="cloud_sync",task_id="1",name="photos to the cloud",schedule="0 2 * * *",source="/mnt/tank/media/photos",destination="example-photos/nas"',
        'kind="cloud_sync",task_id="2",name="/mnt/tank/home",schedule="0 5 * * mon",source="/mnt/tank/home",destination="example-home"',
        'kind="rsync",task_id="1",name="web site",schedule="0 6 * * *",source="/mnt/tank/projects/site",destination="web.example.org:/srv/site"',
        'kind="rsync",task_id="2",name="/mnt/backup/laptops",schedule="*/30 * * * *",source="laptop.example.org::home",destination="/mnt/backup/laptops"',
        'kind="cloud_backup",task_id="1",name="papers, encrypted",schedule="0 3 * * *",source="/mnt/tank/secret",destination="example-restic/papers"',
      ]),
    );
  });

  it("that fail, are held or are late are seen", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const before = task(await poll(target), "replication", 1);
    await lab.scenarios.task_failed.run(lab);
    await lab.scenarios.task_held.run(lab);
    await lab.scenarios.cloud_sync_failed.run(lab);
    const polled = await poll(target);
    expect(task(polled, "replication", 1)).toMatchObject({
      last_run_success: 0,
      last_run_timestamp_seconds: push(lab).state.datetime,
      last_success_timestamp_seconds: before["last_success_timestamp_seconds"],
      due_timestamp_seconds: before["due_timestamp_seconds"],
    });
    expect(task(polled, "replication", 3)).toMatchObject({ held: 1, running: 0, last_run_success: 1 });
    expect(task(polled, "cloud_sync", 1)).toMatchObject({ last_run_success: 0, running: 0 });
    lab.reset();
    await lab.scenarios.task_late.run(lab);
    const late = task(await poll(target), "snapshot", 1);
    expect(late["due_timestamp_seconds"]).toBe(must(hourly(lab).state.datetime) - 2 + HOUR);
    expect(late["due_timestamp_seconds"]).toBeLessThan(lab.now() - DAY);
  });
});

describe("tasks", () => {
  it("keep their last run while one is under way, and when the server forgets", async () => {
    const { lab, target } = await openTrueNasLab();
    const first = await poll(target);
    const replication = push(lab);
    const known = { snapshot: task(first, "snapshot", 1), replication: task(first, "replication", 1) };
    hourly(lab).state = { state: "PENDING" };
    replication.state = {
      state: "RUNNING",
      datetime: lab.now(),
      progress: { snapshots_sent: 1, snapshots_total: 4, bytes_sent: 50, bytes_total: 100 },
    };
    const cloud = photos(lab);
    const knownJob = must(cloud.job);
    cloud.job = { ...knownJob, id: 4_200, state: "RUNNING", percent: 42, startedAt: lab.now(), finishedAt: undefined };
    const polled = await poll(target);
    expect(task(polled, "snapshot", 1)).toEqual(known.snapshot);
    expect(task(polled, "replication", 1)).toEqual({ ...known.replication, running: 1, progress_ratio: 0.375 });
    expect(task(polled, "cloud_sync", 1)).toMatchObject({
      running: 1,
      progress_ratio: 0.42,
      last_run_success: 1,
      last_success_timestamp_seconds: knownJob.finishedAt,
    });
    replication.state = { state: "WAITING", datetime: lab.now(), reason: "another task runs" };
    cloud.job = undefined;
    const waiting = await poll(target);
    expect(task(waiting, "replication", 1)).toMatchObject({ running: 1 });
    expect(task(waiting, "replication", 1)["progress_ratio"]).toBeUndefined();
    expect(task(waiting, "cloud_sync", 1)).toMatchObject({ running: 0, last_run_success: 1 });
  });

  it("of which nothing is known have no last run, and are not late", async () => {
    const { lab, target } = await openTrueNasLab();
    hourly(lab).state = { state: "RUNNING", datetime: lab.now() };
    expect(task(await poll(target), "snapshot", 1)).toEqual({
      enabled: 1,
      running: 1,
      held: 0,
      interval_seconds: HOUR,
    });
  });

  it("that are disabled are not late, and a locked one is held", async () => {
    const { lab, target } = await openTrueNasLab();
    hourly(lab).enabled = false;
    photos(lab).locked = true;
    const polled = await poll(target);
    expect(task(polled, "snapshot", 1)["due_timestamp_seconds"]).toBeUndefined();
    expect(task(polled, "replication", 1)["due_timestamp_seconds"]).toBeUndefined();
    expect(task(polled, "cloud_sync", 1)).toMatchObject({ held: 1, running: 0 });
  });

  it("are not late for what was due while they were disabled, or by an older schedule", async () => {
    const { lab, target } = await openTrueNasLab();
    const task1 = hourly(lab);
    await lab.scenarios.task_late.run(lab);
    task1.enabled = false;
    await poll(target);
    task1.enabled = true;
    const due = async () => task(await poll(target), "snapshot", 1)["due_timestamp_seconds"];
    expect(await due()).toBeGreaterThan(lab.now());
    expect(await due()).toBeGreaterThan(lab.now());
    const other = await openTrueNasLab();
    await other.lab.scenarios.task_late.run(other.lab);
    const before = task(await poll(other.target), "snapshot", 1)["due_timestamp_seconds"];
    expect(before).toBeLessThan(other.lab.now() - DAY);
    Object.assign(hourly(other.lab).schedule, { minute: "30" });
    const after = task(await poll(other.target), "snapshot", 1)["due_timestamp_seconds"];
    expect(after).toBeGreaterThan(other.lab.now());
  });

  it("hide only their own kind when a role is missing", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setRoles(["SYSTEM_GENERAL_READ", "SNAPSHOT_TASK_READ", "CLOUD_SYNC_READ"]);
    const polled = await poll(target);
    expect(reasons(polled)).toEqual([
      ["replication tasks", "forbidden"],
      ["cloud backup tasks", "forbidden"],
    ]);
    expect(task(polled, "replication", 1)).toEqual({});
    expect(task(polled, "snapshot", 1)).toMatchObject({ last_run_success: 1 });
    expect(task(polled, "rsync", 1)).toMatchObject({ last_run_success: 1 });
    lab.setRoles(["SYSTEM_GENERAL_READ"]);
    const none = await poll(target);
    expect([none.outcomes["tasks"], none.series.size]).not.toContain("success");
  });

  it("have no dates when the time zone is not known", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setSocketFault({ kind: "error", method: "system.general.config", code: -32_001, errname: "EFAULT" });
    const polled = await poll(target);
    expect(reasons(polled)).toEqual([["time zone", "server_error"]]);
    expect(task(polled, "snapshot", 1)).toMatchObject({ last_run_success: 1 });
    expect(task(polled, "snapshot", 1)["due_timestamp_seconds"]).toBeUndefined();
    lab.setSocketFault(undefined);
    expect(task(await poll(target), "snapshot", 1)["interval_seconds"]).toBe(HOUR);
  });

  it("keep their names when one is left out, and two of the same name are two", async () => {
    const { lab, target } = await openTrueNasLab();
    push(lab).name = 'odd "name"\n\\ ✓';
    must(lab.state.tasks.replications[1]).name = push(lab).name;
    const before = infos(await poll(target));
    expect(before.filter((text) => text.includes(JSON.stringify(push(lab).name)))).toHaveLength(2);
    for (const each of lab.state.tasks.replications) Object.assign(each, { name: null, sourceDatasets: null });
    Object.assign(photos(lab), { description: null });
    expect(infos(await poll(target))).toEqual(before);
  });

  it.each(["nulls", "wrong_types"] as const)("that are told as %s bring no zeros", async (kind) => {
    const { lab, target } = await openTrueNasLab();
    for (const method of ["pool.snapshottask.query", "replication.query", "rsynctask.query"]) {
      lab.setSocketFault({ kind, method });
      const { series } = await poll(target);
      const times = [...series].filter(([text]) => /timestamp_seconds|interval/.test(text));
      expect(times.filter(([, value]) => value < 60)).toEqual([]);
      lab.setSocketFault(undefined);
    }
    expect((await poll(target)).errors).toEqual({});
  });

  it("whose answers fail one after another never hide the others", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setSocketFault({ kind: "not_json", method: "cloudsync.query" });
    const polled = await poll(target);
    expect(task(polled, "rsync", 1)).toMatchObject({ last_run_success: 1 });
    expect(task(polled, "cloud_sync", 1)).toEqual({});
    lab.setSocketFault(undefined);
    expect((await poll(target)).errors).toEqual({});
  });
});

describe("the newest snapshot of a task", () => {
  const NEWEST = "truenas_snapshot_task_newest_snapshot_timestamp_seconds";
  const newest = ({ series }: Polled, id: number, dataset: string): number | undefined =>
    series.get(`${NEWEST}{task_id="${id}",dataset="${dataset}"}`);
  /** The first look tells which ones are wanted, and the second finds them. */
  const lookAt = async (target: OpenTarget): Promise<Polled> => {
    await poll(target);
    await pollTarget(target, ["snapshots"]);
    return poll(target);
  };

  it.each(RELEASES)("is known by its naming schema (%s)", async (release) => {
    const { lab, target } = await openTrueNasLab({ release });
    const { snapshots } = lab.state.tasks;
    const made = must(snapshots.get("tank/home")?.at(-1)).createdAt;
    const now = Math.floor(lab.now());
    takeSnapshot(snapshots, ["tank/home"], "by-hand", now + 5);
    const polled = await lookAt(target);
    expect(newest(polled, 1, "tank/home")).toBe(made);
    // of names that another hand gave there is none, and of a task that skips what did not change nothing is said
    expect(newest(polled, 4, "tank/media")).toBeUndefined();
    expect(newest(polled, 3, "tank/secret")).toBeUndefined();
    takeSnapshot(snapshots, ["tank/home"], "auto-2099-01-01_00-00", now + 9);
    expect(newest(await lookAt(target), 1, "tank/home")).toBe(now + 9);
  });

  it("is old when snapshots have stopped, whatever the task says", async () => {
    const { lab, target } = await openTrueNasLab();
    await lookAt(target);
    await lab.scenarios.snapshots_stopped.run(lab);
    const polled = await lookAt(target);
    expect(newest(polled, 1, "tank/home")).toBeLessThan(lab.now() - 2 * DAY + 2);
    expect(task(polled, "snapshot", 1)).toMatchObject({ last_run_success: 1 });
  });
});
