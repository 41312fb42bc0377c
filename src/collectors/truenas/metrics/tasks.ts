import { gauge, info } from "../../../core/metric.ts";

const ofTask = ["kind", "task_id", "name"] as const;

/**
 * Periodic snapshot, replication, cloud sync, rsync and cloud backup tasks. `name` is what a person calls the task: its
 * dataset, its name or its description.
 */
export const tasks = {
  info: info("truenas_task_info", {
    help: "A task: its kind is snapshot, replication, cloud_sync, rsync or cloud_backup; its schedule is a crontab line, without the hours that it is bound to besides, and empty when it has none of its own.",
    labels: [...ofTask, "schedule", "source", "destination"],
  }),
  enabled: gauge("truenas_task_enabled", {
    help: "Whether the task is enabled.",
    unit: "boolean",
    labels: ofTask,
  }),
  running: gauge("truenas_task_running", {
    help: "Whether the task runs or waits for its turn just now.",
    unit: "boolean",
    labels: ofTask,
  }),
  progress: gauge("truenas_task_progress_ratio", {
    help: "How far the run under way is; absent while there is none.",
    unit: "ratio",
    labels: ofTask,
  }),
  held: gauge("truenas_task_held", {
    help: "Whether the server holds the task back, as it does when the pool is not there or the dataset is locked.",
    unit: "boolean",
    labels: ofTask,
  }),
  success: gauge("truenas_task_last_run_success", {
    help: "Whether the last finished run ended well; absent before the first that is known of.",
    unit: "boolean",
    labels: ofTask,
  }),
  lastRun: gauge("truenas_task_last_run_timestamp_seconds", {
    help: "When the last finished run ended, however it ended.",
    unit: "timestamp",
    labels: ofTask,
  }),
  lastSuccess: gauge("truenas_task_last_success_timestamp_seconds", {
    help: "When the last run that ended well did so, as the server tells or Watchkeeper has seen; absent when neither knows of one.",
    unit: "timestamp",
    labels: ofTask,
  }),
  due: gauge("truenas_task_due_timestamp_seconds", {
    help: "When the schedule wanted the first run after the last success, or after the task was seen to be enabled or to get another schedule; in the past when it is late. Absent for a task that is not enabled, has no schedule, or whose last success is not known.",
    unit: "timestamp",
    labels: ofTask,
  }),
  interval: gauge("truenas_task_interval_seconds", {
    help: "The longest time between two runs by the schedule around now.",
    unit: "seconds",
    labels: ofTask,
  }),
  newestSnapshot: gauge("truenas_snapshot_task_newest_snapshot_timestamp_seconds", {
    help: "When the newest snapshot that a periodic snapshot task made of its dataset was made, by its own naming schema; absent when there is none, and for a task that takes none of a dataset that did not change.",
    unit: "timestamp",
    labels: ["task_id", "dataset"],
  }),
  newestSent: gauge("truenas_replication_newest_sent_snapshot_timestamp_seconds", {
    help: "When the newest snapshot was made that a replication to elsewhere has sent of any of its datasets, by its name; it stays when there is nothing new to send. Absent for one that fetches, since the other server's clock names those, and for names that are not understood.",
    unit: "timestamp",
    labels: ["task_id", "name"],
  }),
};
