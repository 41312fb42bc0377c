import type { TrueNasLab, TrueNasScenario } from "../contract.ts";
import { destroySnapshots } from "../model/snapshots.ts";
import type { LabReplication, LabSnapshotTask } from "../model/tasks-shapes.ts";
import { lastHour, lastTimeAt } from "../model/tasks-times.ts";

const HOUR = 3_600;
const DAY = 86_400;

/** What happens to tasks. */
export const tasksScenarios = {
  task_failed: {
    help: "The replication of the home directories to another machine fails at every try.",
    run: async (lab) => {
      const error = "Unable to connect: [Errno 113] No route to host.";
      push(lab).state = { state: "ERROR", datetime: lastHour(lab.now()) + 130, error };
    },
  },
  task_held: {
    help: "The replication between two pools is held, since one of them is not there.",
    run: async (lab) => {
      const reason = "Pool backup is offline.";
      local(lab).state = { state: "HOLD", datetime: lab.now(), reason };
    },
  },
  task_late: {
    help: "The hourly snapshots of the home directories have not been taken since yesterday.",
    run: async (lab) => {
      const at = lastHour(lab.now()) - 26 * HOUR;
      hourly(lab).state = { state: "FINISHED", datetime: at + 2 };
      push(lab).state = { state: "FINISHED", datetime: at + 95, warnings: [] };
      forgetSince(lab, at);
    },
  },
  snapshots_stopped: {
    help: "The hourly task says that all is well, but the newest snapshot of the home directories is two days old.",
    run: async (lab) => {
      hourly(lab).state = { state: "FINISHED", datetime: lastHour(lab.now()) + 2 };
      forgetSince(lab, lab.now() - 2 * DAY);
    },
  },
  cloud_sync_failed: {
    help: "The nightly copy of the photos to the cloud fails.",
    run: async (lab) => {
      const task = must(lab.state.tasks.cloudSyncs[0]);
      const startedAt = lastTimeAt(lab.now(), 2);
      task.job = {
        id: 4_101,
        state: "FAILED",
        percent: 31,
        startedAt,
        finishedAt: startedAt + 75,
        error: "Failed to copy: AccessDenied: Access Denied\n",
      };
    },
  },
} as const satisfies Record<string, TrueNasScenario>;

const hourly = (lab: TrueNasLab): LabSnapshotTask => must(lab.state.tasks.snapshotTasks[0]);
const push = (lab: TrueNasLab): LabReplication => must(lab.state.tasks.replications[0]);
const local = (lab: TrueNasLab): LabReplication => must(lab.state.tasks.replications[2]);

const forgetSince = (lab: TrueNasLab, at: number): void =>
  destroySnapshots(lab.state.tasks.snapshots, hourly(lab).dataset, ({ createdAt }) => createdAt > at + 1);

function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("the emulated server has not what the scenario changes");
  return found;
}
