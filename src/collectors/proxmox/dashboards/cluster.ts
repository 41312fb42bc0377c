import { panel, type Dashboard, type PanelRow } from "../../../core/dashboard.ts";
import { status } from "../metrics/cluster.ts";
import { resources } from "../metrics/resources.ts";
import { commitmentSignals as commitment } from "../signals/commitment.ts";
import { backupSignals as backups } from "../signals/backups.ts";
import { clusterSignals as cluster } from "../signals/cluster.ts";
import { guestFigures as figures } from "../signals/guest-figures.ts";
import { guestSignals as guests } from "../signals/guests.ts";
import { nodeSignals as nodes } from "../signals/nodes.ts";
import { storageSignals as storages } from "../signals/storage.ts";
import { summarySignals as summary } from "../signals/summary.ts";
import { cephRow, disksRow, haRow, quorumRow, replicationRow, toNode, upkeepRow, zfsRows } from "./cluster-details.ts";

const WITHOUT_LISTS = "the token may not list what storages hold";
const WITHOUT_GUESTS = { emptyWhen: "there are no guests" };
const WITHOUT_RUNNING = { emptyWhen: "no guest runs" };
const toGuest = { dashboard: "proxmox-guest", variables: { target: "target", name: "name" } };

const wellRow: PanelRow = {
  title: "Is it well?",
  panels: [
    panel("stat", summary.quorumEverywhere, { emptyWhen: "a standalone host has no quorum" }),
    panel("stat", summary.nodesOffline),
    panel("stat", summary.guestsDown, WITHOUT_GUESTS),
    panel("stat", summary.fullestGuestStorage, { emptyWhen: "no storage may hold disks of guests" }),
    panel("stat", summary.poolsInTrouble, { emptyWhen: "no node has a ZFS pool" }),
    panel("stat", summary.backupsFailed, { emptyWhen: "no guest was backed up within 7 days" }),
  ],
};

const nodesRow: PanelRow = {
  title: "Nodes",
  panels: [
    panel("state-timeline", cluster.nodeUp, { drillDown: toNode }),
    panel("timeseries", nodes.nodeCpu, { width: 8, drillDown: toNode }),
    panel("timeseries", nodes.nodeMemory, { width: 8, drillDown: toNode }),
    panel("timeseries", nodes.iowait, { width: 8, drillDown: toNode }),
    panel("timeseries", nodes.load, { width: 8, drillDown: toNode }),
    panel("timeseries", nodes.root, { width: 8, drillDown: toNode }),
    panel("timeseries", nodes.swap, { width: 8, drillDown: toNode, emptyWhen: "no node has swap" }),
  ],
};

const guestsRow: PanelRow = {
  title: "Guests",
  panels: [
    panel("state-timeline", guests.guestDown, {
      legend: "{{name}} {{id}}",
      drillDown: toGuest,
      emptyWhen: "every guest that shall run does",
    }),
    panel("timeseries", figures.guestsOnNode, { ...WITHOUT_GUESTS, drillDown: toNode }),
    panel("timeseries", guests.stalled, {
      legend: "{{name}} {{resource}}",
      drillDown: toGuest,
      emptyWhen: "Proxmox VE before 9 does not tell what guests wait for",
    }),
    panel("table", figures.guestRunning, {
      title: "Guests",
      help: "Whether each runs, since when, and what it uses of what it was promised.",
      and: [figures.guestUptime, figures.guestCpu, figures.guestMemory],
      ...WITHOUT_GUESTS,
      height: 12,
      drillDown: toGuest,
    }),
  ],
};

const storagesRow: PanelRow = {
  title: "Storages",
  panels: [
    panel("state-timeline", storages.unusable, {
      help: "One line for each storage that is enabled and that its node can not use; guests on it hang.",
      emptyWhen: "every node can use every storage that is enabled",
    }),
    panel("timeseries", storages.guestStorageUsed, { width: 8, emptyWhen: "no storage may hold disks of guests" }),
    panel("timeseries", storages.storageUsed, { width: 8 }),
    panel("table", storages.storageUsage, {
      title: "Storages: used and size",
      and: [storages.storageSize],
      width: 8,
    }),
  ],
};

const backupsRow: PanelRow = {
  title: "Backups",
  panels: [
    panel("table", backups.guestBackupAge, {
      title: "Newest backup of each guest",
      help: "The age of its newest good backup, the time between two by its job, and whether its newest task succeeded.",
      and: [backups.guestBackupInterval, backups.backupSucceeded, backups.guestBackupSize],
      height: 10,
      drillDown: toGuest,
      emptyWhen: WITHOUT_LISTS,
    }),
  ],
};

const guestDetailsRow: PanelRow = {
  title: "Guests: halts, locks, restarts, snapshots",
  collapsed: true,
  panels: [
    panel("state-timeline", guests.guestsHalted, {
      drillDown: toGuest,
      legend: "{{name}} {{id}}",
      emptyWhen: "no virtual machine is halted by an error",
    }),
    panel("state-timeline", guests.guestsLocked, {
      drillDown: toGuest,
      legend: "{{name}} {{id}}",
      emptyWhen: "no guest is locked",
    }),
    panel("table", figures.guestPlace, { ...WITHOUT_GUESTS, drillDown: toGuest }),
    panel("timeseries", figures.guestRestarts, { drillDown: toGuest, ...WITHOUT_GUESTS }),
    panel("timeseries", guests.snapshotAge, { drillDown: toGuest, emptyWhen: "no guest has a snapshot" }),
    panel("timeseries", commitment.memoryPromised, { ...WITHOUT_RUNNING, drillDown: toNode }),
    panel("timeseries", commitment.cpuPromised, { ...WITHOUT_RUNNING, drillDown: toNode }),
  ],
};

const backupDetailsRow: PanelRow = {
  title: "Backups: cover, verification, jobs",
  collapsed: true,
  panels: [
    panel("table", backups.covered, { ...WITHOUT_GUESTS, width: 12, drillDown: toGuest }),
    panel("table", backups.backupSucceeded, {
      width: 12,
      drillDown: toGuest,
      emptyWhen: "no guest was backed up within 7 days",
    }),
    panel("table", backups.backupVerified, {
      width: 12,
      drillDown: toGuest,
      emptyWhen: "no backup was verified, which only a Proxmox Backup Server does",
    }),
    panel("table", backups.backupOverdue, {
      width: 12,
      drillDown: toGuest,
      emptyWhen: "the newest good backup of every guest is in time",
    }),
    panel("table", backups.neverBackedUp, {
      width: 12,
      drillDown: toGuest,
      emptyWhen: "every guest that a backup was due of has one",
    }),
    panel("table", backups.backupTaskFailed, { width: 12, emptyWhen: "no backup task failed as a whole" }),
    panel("state-timeline", backups.jobEnabled, { emptyWhen: "there are no backup jobs" }),
    panel("table", backups.jobNextRun, { width: 12, emptyWhen: "no backup job is enabled" }),
    panel("timeseries", backups.orphaned, { emptyWhen: WITHOUT_LISTS }),
  ],
};

/** Nodes, guests, storages and backups of whole clusters. */
export const clusterDashboard: Dashboard = {
  id: "proxmox",
  title: "Proxmox VE",
  description:
    "Is the cluster well, which node or storage is short of something, which guest does not run, and is everything backed up? A guest leads to its own dashboard.",
  variables: [
    { name: "target", title: "Cluster", metric: status.nodeInfo },
    { name: "node", title: "Node", metric: resources.storageInfo },
    { name: "storage", title: "Storage", metric: resources.storageInfo },
  ],
  rows: [
    wellRow,
    nodesRow,
    guestsRow,
    storagesRow,
    backupsRow,
    ...zfsRows,
    disksRow,
    guestDetailsRow,
    backupDetailsRow,
    quorumRow,
    haRow,
    replicationRow,
    cephRow,
    upkeepRow,
  ],
  summary: [
    summary.nodesOffline,
    summary.quorumEverywhere,
    summary.guestsDown,
    summary.fullestGuestStorage,
    summary.poolsInTrouble,
    summary.backupsFailed,
  ],
  explore: { logs: 'host.name:"{{node}}"' },
};
