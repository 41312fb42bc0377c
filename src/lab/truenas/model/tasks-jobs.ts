import type { LabJob, LabJobTask, LabSchedule } from "./tasks-shapes.ts";
import { dailyAt, lastTimeAt } from "./tasks-times.ts";

/** A run that ended well after `seconds`. */
export const finishedJob = (id: number, startedAt: number, seconds: number): LabJob => ({
  id,
  state: "SUCCESS",
  percent: 100,
  startedAt,
  finishedAt: startedAt + seconds,
  error: undefined,
});

interface Story {
  readonly description: string;
  readonly path: string;
  readonly schedule: LabSchedule;
  readonly job?: LabJob;
  readonly details: Record<string, unknown>;
}

const task = (id: number, story: Story): LabJobTask => ({
  id,
  enabled: true,
  locked: false,
  job: undefined,
  ...story,
});

const bucket = (name: string, folder: string): Record<string, unknown> => ({
  credentials: {
    id: 1,
    name: "object store",
    // what a key without write access gets to see of them
    provider: { type: "S3", access_key_id: "********", secret_access_key: "********" },
  },
  attributes: { bucket: name, folder, fast_list: false },
});

/** One to a bucket each night, and one that nobody gave a name. */
export function createCloudSyncs(now: number): LabJobTask[] {
  const sync = { direction: "PUSH", transfer_mode: "SYNC", encryption: false, encryption_password: "" };
  return [
    task(1, {
      description: "photos to the cloud",
      path: "/mnt/tank/media/photos",
      schedule: dailyAt(2),
      job: finishedJob(4_001, lastTimeAt(now, 2), 1_800),
      details: { ...sync, ...bucket("example-photos", "/nas") },
    }),
    task(2, {
      description: "",
      path: "/mnt/tank/home",
      schedule: { ...dailyAt(5), dow: "mon" },
      details: { ...sync, ...bucket("example-home", "") },
    }),
  ];
}

/** One over SSH and one to a module. */
export function createRsyncs(now: number): LabJobTask[] {
  return [
    task(1, {
      description: "web site",
      path: "/mnt/tank/projects/site",
      schedule: dailyAt(6),
      job: finishedJob(4_002, lastTimeAt(now, 6), 42),
      details: {
        mode: "SSH",
        remotehost: "www@web.example.org",
        remoteport: 22,
        remotemodule: null,
        remotepath: "/srv/site",
        direction: "PUSH",
        user: "root",
      },
    }),
    task(2, {
      description: "",
      path: "/mnt/backup/laptops",
      schedule: { minute: "*/30", hour: "*", dom: "*", month: "*", dow: "*" },
      job: finishedJob(4_003, Math.floor(now / 1_800) * 1_800, 20),
      details: {
        mode: "MODULE",
        remotehost: "laptop.example.org",
        remoteport: null,
        remotemodule: "home",
        remotepath: "",
        direction: "PULL",
        user: "backup",
      },
    }),
  ];
}

/** A backup by restic. */
export function createCloudBackups(now: number): LabJobTask[] {
  return [
    task(1, {
      description: "papers, encrypted",
      path: "/mnt/tank/secret",
      schedule: dailyAt(3),
      job: finishedJob(4_004, lastTimeAt(now, 3), 300),
      details: {
        ...bucket("example-restic", "/papers"),
        password: "********",
        keep_last: 30,
        transfer_setting: "DEFAULT",
      },
    }),
  ];
}
