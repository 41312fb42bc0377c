import { alert } from "../../../core/alert.ts";
import { days, hours, minutes } from "../../../core/duration.ts";
import { equal } from "../../../core/promql.ts";
import { laterThan, newestOlderThan, runningForIntervals, taskSignals as signals } from "../signals/tasks.ts";

/** The kind in words, such as `cloud sync`. */
const KIND = '{{ reReplaceAll "_" " " $labels.kind }}';

/** Conditions of tasks and of the snapshots that they make. */
export const taskAlerts = [
  alert({
    name: "TrueNasTaskFailed",
    severity: "warning",
    when: equal(signals.taskSuccess.expr, 0),
    for: minutes(0),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `The ${KIND} task ${label.name} (${label.task_id}) of ${label.target} failed`,
    description: () =>
      "The alert ends with the next run that succeeds. The task's state on the server tells why it failed.",
  }),
  alert({
    name: "TrueNasTaskHeld",
    severity: "warning",
    when: equal(signals.taskHeld.expr, 1),
    for: minutes(15),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `The ${KIND} task ${label.name} (${label.task_id}) of ${label.target} is held back`,
    description: () =>
      "The server does not run it until somebody does something: a locked dataset or a target that has other snapshots is the usual cause.",
  }),
  alert({
    name: "TrueNasTaskStuck",
    severity: "warning",
    when: runningForIntervals,
    threshold: { value: 2, unit: "none", help: "time since a running task last ended, in its intervals" },
    for: minutes(15),
    keepFiringFor: minutes(15),
    summary: ({ label, duration }) =>
      `The ${KIND} task ${label.name} (${label.task_id}) of ${label.target} runs without end: it last ended ${duration} ago`,
    description: ({ threshold }) =>
      `It has run for six hours at least, and not ended for more than ${threshold} of its intervals. A network that hangs or far more data than before is the usual cause.`,
  }),
  alert({
    name: "TrueNasTaskLate",
    severity: "warning",
    when: laterThan,
    threshold: { value: 0.5, unit: "none", help: "time since the task should have run, in its intervals" },
    for: minutes(10),
    keepFiringFor: minutes(10),
    summary: ({ label, duration }) =>
      `The ${KIND} task ${label.name} (${label.task_id}) of ${label.target} is ${duration} late`,
    description: () =>
      "It should have run by its schedule and has not succeeded since, nor does it run now. The server may have been off, or its scheduler hangs.",
  }),
  alert({
    name: "TrueNasSnapshotsStale",
    severity: "warning",
    when: newestOlderThan,
    threshold: { value: 1.5, unit: "none", help: "age of a task's newest snapshot, in its intervals" },
    for: minutes(10),
    keepFiringFor: minutes(10),
    summary: ({ label, duration }) =>
      `The newest snapshot of dataset ${label.dataset} of ${label.target} is ${duration} old`,
    description: ({ label, threshold }) =>
      `That is more than ${threshold} intervals of snapshot task ${label.task_id}, whatever state the task shows. What was written since can not be brought back, and replication has nothing new to send.`,
  }),
  alert({
    name: "TrueNasTaskDisabled",
    severity: "info",
    when: equal(signals.taskEnabled.expr, 0),
    for: days(1),
    keepFiringFor: hours(1),
    summary: ({ label }) => `The ${KIND} task ${label.name} (${label.task_id}) of ${label.target} is disabled`,
    description: () => "It does not run. If it is no longer needed, delete it; else enable it again.",
  }),
];
