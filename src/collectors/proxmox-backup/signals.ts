import { add, divide, multiply, or, scalarMinus, select, subtract, sum, time, type Vector } from "../../core/promql.ts";
import { signal } from "../../core/signal.ts";
import { certificate, datastores, groups, jobs, server, subscription, tasks } from "./metrics.ts";

/** The share that is taken, as `df` counts it: what is reserved for root is neither used nor available. */
const shareUsed = <L extends string>(used: Vector<L>, available: Vector<NoInfer<L>>): Vector<L> =>
  divide(used, add(used, available));

const ageOf = <L extends string>(timestamp: Vector<L>): Vector<L> => scalarMinus(time(), timestamp);
const timeUntil = <L extends string>(timestamp: Vector<L>): Vector<L> => subtract(timestamp, time());

/** What can be asked of a Proxmox Backup Server. */
export const proxmoxBackupSignals = {
  up: signal({
    title: "Server answers",
    help: "0 for a server that does not answer as a Proxmox Backup Server.",
    unit: "boolean",
    expr: select(server.up),
  }),
  cpu: signal({
    title: "Busy processors",
    help: "Share of the processors that is busy.",
    unit: "ratio",
    expr: select(server.cpu),
  }),
  ioWait: signal({
    title: "Waiting for disks",
    help: "High while backups, verification or garbage collection keep the disks busy.",
    unit: "ratio",
    expr: select(server.ioWait),
  }),
  load: signal({
    title: "Load over 5 minutes",
    help: "Compare it with the number of processors.",
    unit: "none",
    expr: select(server.load5),
  }),
  memoryUsed: signal({
    title: "Used memory",
    help: "Share of the memory in use.",
    unit: "ratio",
    expr: divide(select(server.memoryUsed), select(server.memoryTotal)),
  }),
  rootUsed: signal({
    title: "Used root file system",
    help: "A full one stops the server's logs and its state files.",
    unit: "ratio",
    expr: shareUsed(select(server.diskUsed), select(server.diskAvailable)),
  }),
  usable: signal({
    title: "Usable datastores",
    help: "0 for a datastore that the server can not open.",
    unit: "boolean",
    expr: select(datastores.usable),
  }),
  mounted: signal({
    title: "Mounted removable datastores",
    help: "0 for a removable datastore that is not mounted.",
    unit: "boolean",
    expr: select(datastores.mounted),
  }),
  datastoreUsed: signal({
    title: "Used datastores",
    help: "Share that is taken; garbage collection itself needs some room.",
    unit: "ratio",
    expr: shareUsed(select(datastores.used), select(datastores.available)),
  }),
  timeUntilFull: signal({
    title: "Time until a datastore is full",
    help: "The server's estimate over a month; nothing for one whose use does not grow.",
    unit: "seconds",
    expr: timeUntil(select(datastores.estimatedFull)),
  }),
  deduplication: signal({
    title: "Deduplication",
    help: "How many times larger the backups are than what they take on the disk.",
    unit: "none",
    expr: select(datastores.deduplication),
  }),
  damagedChunks: signal({
    title: "Damaged chunks",
    help: "Chunks that backups need and that are damaged, as the last garbage collection found.",
    unit: "none",
    expr: select(datastores.stillBad),
  }),
  jobSuccess: signal({
    title: "Jobs that ended well",
    help: "0 for a job whose last finished run failed.",
    unit: "boolean",
    expr: select(jobs.success),
  }),
  jobScheduled: signal({
    title: "Scheduled jobs",
    help: "0 for a job that has no schedule or is disabled.",
    unit: "boolean",
    expr: select(jobs.scheduled),
  }),
  jobRunning: signal({
    title: "Running jobs",
    help: "1 for a job that runs just now.",
    unit: "boolean",
    expr: select(jobs.running),
  }),
  jobAge: signal({
    title: "Time since a job ran",
    help: "Since the last run ended, however it ended.",
    unit: "seconds",
    expr: ageOf(select(jobs.lastRun)),
  }),
  jobLate: signal({
    title: "Time since a job should have run",
    help: "Negative until it is due; more than some minutes when the server does not start it.",
    unit: "seconds",
    expr: ageOf(select(jobs.nextRun)),
  }),
  backupAge: signal({
    title: "Age of a group's newest backup",
    help: "Since it was begun, whether it can be restored or not.",
    unit: "seconds",
    expr: ageOf(select(groups.lastBackup)),
  }),
  goodBackupAge: signal({
    title: "Age of a group's last good backup",
    help: "Since the newest one was begun that did not fail its verification.",
    unit: "seconds",
    // the snapshots of a new backup are read a little later, and it is good until they say otherwise
    expr: ageOf(or(select(groups.lastGood), select(groups.lastBackup))),
  }),
  patience: signal({
    title: "Patience with a group",
    help: "One and a half times the usual time between two of its backups.",
    unit: "seconds",
    expr: multiply(select(groups.usualInterval), 1.5),
  }),
  snapshots: signal({
    title: "Snapshots of each datastore",
    help: "Growth without end means that nothing is pruned.",
    unit: "none",
    expr: sum(select(groups.snapshots), { by: ["target", "datastore"] }),
  }),
  failedSnapshots: signal({
    title: "Snapshots that failed their verification",
    help: "They can not be restored in full.",
    unit: "none",
    expr: sum(select(groups.failed), { by: ["target", "datastore"] }),
  }),
  unverifiedFor: signal({
    title: "Age of the oldest unverified backup",
    help: "Damage in it would not be known.",
    unit: "seconds",
    expr: ageOf(select(groups.oldestUnverified)),
  }),
  tasksFailed: signal({
    title: "Failed tasks in 24 hours",
    help: "By the kind of task; jobs have signals of their own.",
    unit: "none",
    expr: select(tasks.failed),
  }),
  otherTasksFailed: signal({
    title: "Failed tasks in 24 hours that are no jobs",
    help: "Backups, restores, tape and administration.",
    unit: "none",
    expr: select(tasks.failed, { worker_type: ["!~", "garbage_collection|prunejob|syncjob|verificationjob"] }),
  }),
  subscription: signal({
    title: "Subscription",
    help: "1 for the state that the subscription is in.",
    unit: "boolean",
    expr: select(subscription.status),
  }),
  certificateLeft: signal({
    title: "Time until the certificate ends",
    help: "Clients that do not pin it refuse the server after that.",
    unit: "seconds",
    expr: timeUntil(select(certificate.expiry)),
  }),
};
