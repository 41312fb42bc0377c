import type { LabReplication, LabSnapshotTask } from "./tasks-shapes.ts";
import { autoName, dailyAt, EVERY_HOUR, lastHour, lastTimeAt, WHOLE_DAY } from "./tasks-times.ts";

/** What the snapshots of the story were made by: hourly `tank/home`, daily the others, and hourly the bulk. */
export function createSnapshotTasks(now: number, hasBulk: boolean): LabSnapshotTask[] {
  const task = (id: number, dataset: string, more: Partial<LabSnapshotTask>): LabSnapshotTask => ({
    id,
    dataset,
    recursive: true,
    exclude: [],
    lifetimeValue: 2,
    lifetimeUnit: "WEEK",
    namingSchema: "auto-%Y-%m-%d_%H-%M",
    allowEmpty: true,
    enabled: true,
    schedule: { ...EVERY_HOUR, ...WHOLE_DAY },
    state: { state: "FINISHED", datetime: lastHour(now) + 2 },
    ...more,
  });
  const daily = (hour: number): Partial<LabSnapshotTask> => ({
    schedule: { ...dailyAt(hour), ...WHOLE_DAY },
    state: { state: "FINISHED", datetime: lastTimeAt(now, hour) + 2 },
  });
  return [
    task(1, "tank/home", {}),
    task(2, "tank/projects", { ...daily(0), lifetimeUnit: "MONTH", lifetimeValue: 1 }),
    task(3, "tank/secret", { ...daily(1), allowEmpty: false, exclude: ["tank/secret/papers"] }),
    task(4, "tank/media", {
      recursive: false,
      namingSchema: "weekly-%Y-%m-%d_%H-%M",
      schedule: { ...dailyAt(3), dow: "sun", ...WHOLE_DAY },
      state: { state: "PENDING" },
    }),
    task(5, "tank/vault", { enabled: false, state: { state: "PENDING" } }),
    task(6, "backup/laptops", {
      schedule: { minute: "*/15", hour: "*", dom: "*", month: "*", dow: "mon-fri", begin: "09:00", end: "18:00" },
      state: { state: "PENDING" },
    }),
    ...(hasBulk ? [task(7, "tank/bulk", {})] : []),
  ];
}

/** One that follows a snapshot task to another machine, one that fetches, and one from pool to pool. */
export function createReplications(now: number): LabReplication[] {
  const replication = (id: number, name: string, more: Partial<LabReplication>): LabReplication => ({
    id,
    name,
    direction: "PUSH",
    transport: "SSH",
    sourceDatasets: ["tank/home"],
    targetDataset: "backup/tank/home",
    periodicSnapshotTasks: [],
    auto: true,
    schedule: undefined,
    restrictSchedule: undefined,
    enabled: true,
    state: { state: "FINISHED", datetime: lastHour(now) + 95, warnings: [] },
    job: undefined,
    ...more,
  });
  return [
    replication(1, "home to offsite", {
      targetDataset: "vault/nas/home",
      periodicSnapshotTasks: [1],
      state: {
        state: "FINISHED",
        datetime: lastHour(now) + 95,
        warnings: [],
        last_snapshot: `tank/home@${autoName(lastHour(now))}`,
      },
    }),
    replication(2, "fetch web servers", {
      direction: "PULL",
      sourceDatasets: ["rpool/data/web"],
      targetDataset: "backup/web",
      schedule: { ...dailyAt(4), ...WHOLE_DAY },
      state: { state: "FINISHED", datetime: lastTimeAt(now, 4) + 610, warnings: [] },
    }),
    replication(3, "tank to backup", {
      transport: "LOCAL",
      sourceDatasets: ["tank/projects", "tank/media"],
      targetDataset: "backup/tank",
      periodicSnapshotTasks: [2, 4],
      restrictSchedule: { ...dailyAt(0), ...WHOLE_DAY },
      state: { state: "FINISHED", datetime: lastTimeAt(now, 0) + 240, warnings: [] },
    }),
    replication(4, "by hand", { auto: false, targetDataset: "scratch/home", state: { state: "PENDING" } }),
  ];
}
