import { panel, type Dashboard } from "../../../core/dashboard.ts";
import { status } from "../metrics/cluster.ts";
import { resources } from "../metrics/resources.ts";
import { backupSignals as backups } from "../signals/backups.ts";
import { guestFigures as figures } from "../signals/guest-figures.ts";
import { guestSignals as guests } from "../signals/guests.ts";

const legend = "{{id}}";
const WITHOUT_BACKUP = { legend, emptyWhen: "the guest has no backup, or the token may not list what storages hold" };
const OF_CONTAINERS = {
  legend,
  emptyWhen: "Proxmox VE sees the file systems of running containers alone, not those of virtual machines",
};

/** One guest: what it uses, what it waits for, and how it is backed up. */
export const guestDashboard: Dashboard = {
  id: "proxmox-guest",
  title: "Proxmox VE guest",
  description:
    "One virtual machine or container: does it run and since when, what does it use and wait for, and when was it last backed up?",
  variables: [
    { name: "target", title: "Cluster", metric: status.nodeInfo },
    { name: "node", title: "Node", metric: resources.guestInfo },
    { name: "name", title: "Guest", metric: resources.guestInfo, multiple: false },
  ],
  rows: [
    {
      title: "Is it well?",
      panels: [
        panel("stat", figures.guestRunning, { legend }),
        panel("stat", figures.guestUptime, { legend, emptyWhen: "the guest is stopped" }),
        panel("stat", figures.guestCpu, { legend, emptyWhen: "the guest is stopped" }),
        panel("stat", figures.guestMemory, { legend, emptyWhen: "the guest is stopped" }),
        panel("stat", backups.guestBackupAge, WITHOUT_BACKUP),
        panel("stat", backups.backupSucceeded, {
          title: "Newest backup task succeeded",
          legend,
          emptyWhen: "the guest was not backed up within 7 days",
        }),
      ],
    },
    {
      title: "State",
      panels: [
        panel("state-timeline", figures.guestRunning, { title: "Running", legend, width: 12, height: 5 }),
        panel("state-timeline", figures.guestHalted, {
          legend,
          width: 12,
          height: 5,
          emptyWhen: "the guest is a container",
        }),
        panel("table", figures.guestPlace, {
          title: "Where it is",
          height: 5,
          drillDown: { dashboard: "proxmox", variables: { target: "target", node: "node" } },
        }),
      ],
    },
    {
      title: "What it uses",
      panels: [
        panel("timeseries", figures.guestCpu, { legend }),
        panel("timeseries", figures.guestMemory, { legend }),
        panel("timeseries", figures.guestReceived, { title: "Network per second", and: [figures.guestSent] }),
        panel("timeseries", figures.guestRead, { title: "Disks per second", and: [figures.guestWritten] }),
        panel("timeseries", guests.stalled, {
          title: "Time in which all its tasks wait",
          legend: "{{resource}}",
          emptyWhen: "Proxmox VE before 9 does not tell what guests wait for",
        }),
        panel("timeseries", figures.guestDisk, OF_CONTAINERS),
      ],
    },
    {
      title: "Backups",
      panels: [
        panel("timeseries", backups.guestBackupAge, {
          title: "Age of the newest good backup, and time between two",
          and: [backups.guestBackupInterval],
          emptyWhen: WITHOUT_BACKUP.emptyWhen,
        }),
        panel("timeseries", backups.guestBackupSize, WITHOUT_BACKUP),
        panel("state-timeline", backups.covered, { title: "A backup job covers it", legend, width: 8, height: 5 }),
        panel("state-timeline", backups.backupSucceeded, {
          title: "Newest backup task succeeded",
          legend,
          width: 8,
          height: 5,
          emptyWhen: "the guest was not backed up within 7 days",
        }),
        panel("state-timeline", backups.backupVerified, {
          title: "Newest verified backup is good",
          legend,
          width: 8,
          height: 5,
          emptyWhen: "none was verified, which only a Proxmox Backup Server does",
        }),
      ],
    },
    {
      title: "Restarts, locks, snapshots",
      collapsed: true,
      panels: [
        panel("timeseries", figures.guestUptime, { legend, emptyWhen: "the guest is stopped" }),
        panel("timeseries", figures.guestRestarts, { legend }),
        panel("state-timeline", figures.guestLocked, { legend, width: 12, emptyWhen: "the guest is not locked" }),
        panel("state-timeline", figures.guestGivenUp, {
          legend,
          width: 12,
          emptyWhen: "the guest is not under high availability",
        }),
        panel("timeseries", figures.guestSnapshots, { legend }),
        panel("timeseries", guests.snapshotAge, { legend, emptyWhen: "the guest has no snapshot" }),
        panel("timeseries", backups.guestBackups, WITHOUT_BACKUP),
        panel("timeseries", figures.guestMemoryHost, {
          legend,
          emptyWhen: "the guest is stopped, or Proxmox VE is before 9",
        }),
      ],
    },
  ],
  explore: { logs: 'host.name:"{{name}}"' },
};
