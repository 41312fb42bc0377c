import { panel, type Dashboard, type PanelRow } from "../../core/dashboard.ts";
import { datastores, groups, server } from "./metrics.ts";
import { proxmoxBackupSignals as signals } from "./signals.ts";

const group = "{{datastore}} {{namespace}} {{backup_type}}/{{backup_id}}";
const WITHOUT_GC = { emptyWhen: "no garbage collection has run" };

const wellRow: PanelRow = {
  title: "Is it well?",
  panels: [
    panel("stat", signals.serversDown),
    panel("stat", signals.datastoresUnusable),
    panel("stat", signals.fullestDatastore),
    panel("stat", signals.groupsTooOld, { emptyWhen: "there are no backups" }),
    panel("stat", signals.datastoresDamaged, { emptyWhen: "there are no backups" }),
    panel("stat", signals.jobsFailed, { emptyWhen: "no job has run" }),
  ],
};

const datastoresRow: PanelRow = {
  title: "Datastores",
  panels: [
    panel("state-timeline", signals.usable, { width: 12 }),
    panel("state-timeline", signals.mounted, { width: 12, emptyWhen: "no datastore is removable" }),
    panel("timeseries", signals.datastoreUsed, { width: 8 }),
    panel("timeseries", signals.timeUntilFull, {
      width: 8,
      emptyWhen: "the use of no datastore grows, or the server knows too little of it yet",
    }),
    panel("timeseries", signals.deduplication, { ...WITHOUT_GC, width: 8 }),
    panel("table", signals.datastoreUsage, {
      title: "Datastores: used and available",
      and: [signals.datastoreAvailable, signals.garbagePending],
      width: 12,
    }),
    panel("timeseries", signals.damagedChunks, WITHOUT_GC),
  ],
};

const backupsRow: PanelRow = {
  title: "Backups",
  panels: [
    panel("table", signals.goodBackupAge, {
      title: "Backup groups",
      help: "The age of each group's last good backup, how long it is given, and what there is of it.",
      and: [signals.patience, signals.groupSnapshots, signals.backupSize],
      height: 12,
      emptyWhen: "there are no backups",
    }),
    panel("timeseries", signals.failedSnapshots, { width: 8, emptyWhen: "there are no backups" }),
    panel("timeseries", signals.snapshots, { width: 8, emptyWhen: "there are no backups" }),
    panel("timeseries", signals.unverifiedFor, {
      width: 8,
      legend: group,
      emptyWhen: "every backup was verified",
    }),
  ],
};

const jobsRow: PanelRow = {
  title: "Jobs",
  panels: [
    panel("state-timeline", signals.gcSuccess, { ...WITHOUT_GC, width: 12, legend: "{{datastore}}" }),
    panel("state-timeline", signals.verifySuccess, {
      width: 12,
      legend: "{{datastore}} {{job_id}}",
      emptyWhen: "no verify job has run",
    }),
    panel("state-timeline", signals.syncSuccess, {
      width: 12,
      legend: "{{datastore}} {{job_id}}",
      emptyWhen: "no sync job has run",
    }),
    panel("state-timeline", signals.pruneSuccess, {
      width: 12,
      legend: "{{datastore}} {{job_id}}",
      emptyWhen: "no prune job has run",
    }),
    panel("timeseries", signals.otherTasksFailed, { height: 6, emptyWhen: "no task but jobs failed in 24 hours" }),
  ],
};

const machineRow: PanelRow = {
  title: "The machine",
  panels: [
    panel("timeseries", signals.cpu, { width: 8 }),
    panel("timeseries", signals.memoryUsed, { width: 8 }),
    panel("timeseries", signals.ioWait, { width: 8 }),
  ],
};

const backupDetailsRow: PanelRow = {
  title: "Backups: courses and names",
  collapsed: true,
  panels: [
    panel("timeseries", signals.backupAge, { legend: group, emptyWhen: "there are no backups" }),
    panel("timeseries", signals.goodBackupAge, { legend: group, emptyWhen: "there are no backups" }),
    panel("table", signals.groupNames, { emptyWhen: "there are no backups" }),
  ],
};

const jobDetailsRow: PanelRow = {
  title: "Jobs and tasks: lateness, runs, warnings",
  collapsed: true,
  panels: [
    panel("table", signals.jobNextRun, { emptyWhen: "no job has a schedule" }),
    panel("timeseries", signals.jobLate, { emptyWhen: "no job has a schedule" }),
    panel("timeseries", signals.jobAge, { emptyWhen: "no job has run" }),
    panel("state-timeline", signals.jobRunning, { width: 12 }),
    panel("state-timeline", signals.jobScheduled, { width: 12 }),
    panel("timeseries", signals.jobWarnings, { emptyWhen: "no job has run" }),
    panel("timeseries", signals.tasksFailed, { emptyWhen: "no task failed in 24 hours" }),
  ],
};

const upkeepRow: PanelRow = {
  title: "The machine: more of it, and upkeep",
  collapsed: true,
  panels: [
    panel("timeseries", signals.load, { width: 8 }),
    panel("timeseries", signals.swapUsed, { width: 8, emptyWhen: "the machine has no swap" }),
    panel("timeseries", signals.rootUsed, { width: 8 }),
    panel("state-timeline", signals.up, { width: 12, height: 8 }),
    panel("timeseries", signals.uptime),
    panel("timeseries", signals.certificateLeft),
    panel("state-timeline", signals.subscriptionEnded, { width: 12, height: 8 }),
    panel("table", signals.version),
  ],
};

/** Datastores, backups, jobs and the machine of Proxmox Backup Servers. */
export const proxmoxBackupDashboards: readonly Dashboard[] = [
  {
    id: "proxmox-backup",
    title: "Proxmox Backup Server",
    description:
      "Can everything be restored: is each backup recent and verified, do the jobs run, and is there room in the datastores?",
    variables: [
      { name: "target", title: "Server", metric: server.up },
      { name: "datastore", title: "Datastore", metric: datastores.usable },
      { name: "backup_id", title: "Guest or host", metric: groups.lastBackup },
    ],
    rows: [wellRow, datastoresRow, backupsRow, jobsRow, machineRow, backupDetailsRow, jobDetailsRow, upkeepRow],
    summary: [
      signals.serversDown,
      signals.datastoresUnusable,
      signals.groupsTooOld,
      signals.fullestDatastore,
      signals.datastoresDamaged,
      signals.jobsFailed,
    ],
    explore: { logs: 'host.name:"{{target}}"' },
  },
];
