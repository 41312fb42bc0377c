import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes } from "../../../core/duration.ts";
import { equal, greater, less } from "../../../core/promql.ts";
import { datastoreUnusable } from "../signals/datastores.ts";
import { proxmoxBackupSignals as signals } from "../signals.ts";

/** The server, its machine and its datastores. */
export const alertsOfServer = [
  alert({
    name: "ProxmoxBackupDown",
    severity: "warning",
    when: equal(signals.up.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Proxmox Backup Server ${label.target} does not answer`,
    description: () =>
      "Backups, restores and sync jobs of others fail while it is down. Watchkeeper's page of targets shows the reason.",
  }),
  alert({
    name: "ProxmoxBackupDatastoreUnusable",
    severity: "warning",
    when: datastoreUnusable,
    for: minutes(5),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Datastore ${label.datastore} of ${label.target} can not be opened`,
    description: () =>
      "Backups to it fail and none in it can be restored. A disk that is gone, a file system that is read-only, or a maintenance mode is the usual cause.",
  }),
  alert({
    name: "ProxmoxBackupDatastoreUnmounted",
    severity: "info",
    when: equal(signals.mounted.expr, 0),
    for: days(1),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Removable datastore ${label.datastore} of ${label.target} was not mounted for a day`,
    description: () =>
      "Nothing is copied to it meanwhile. If disks are swapped in turn, the other one may be in; then this is as it should be.",
  }),
  alert({
    name: "ProxmoxBackupDatastoreNearlyFull",
    severity: "warning",
    threshold: { value: 0.85, unit: "ratio", help: "share of the datastore that is used" },
    when: (threshold) => greater(signals.datastoreUsed.expr, threshold),
    for: minutes(30),
    keepFiringFor: hours(1),
    summary: ({ label, percentage }) => `Datastore ${label.datastore} of ${label.target} is ${percentage} full`,
    description: () =>
      "Pruning frees nothing by itself: room comes back with the garbage collection after it, and only for chunks that no backup used for a day.",
  }),
  alert({
    name: "ProxmoxBackupDatastoreFull",
    severity: "critical",
    threshold: { value: 0.95, unit: "ratio", help: "share of the datastore that is used" },
    when: (threshold) => greater(signals.datastoreUsed.expr, threshold),
    for: minutes(5),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage }) => `Datastore ${label.datastore} of ${label.target} is ${percentage} full`,
    description: () =>
      "Backups fail when it is full. Garbage collection needs some room itself, so act before nothing is left.",
  }),
  alert({
    name: "ProxmoxBackupDatastoreFillingUp",
    severity: "warning",
    threshold: { value: inSeconds(days(14)), unit: "seconds", help: "time until the datastore is full by estimate" },
    when: (threshold) => less(signals.timeUntilFull.expr, threshold),
    for: hours(1),
    keepFiringFor: hours(6),
    summary: ({ label, duration }) => `Datastore ${label.datastore} of ${label.target} will be full in ${duration}`,
    description: () =>
      "That is the server's own estimate over the last month. A first full backup of many guests bends it for some days.",
  }),
  alert({
    name: "ProxmoxBackupRootDiskFull",
    severity: "warning",
    threshold: { value: 0.9, unit: "ratio", help: "share of the root file system that is used" },
    when: (threshold) => greater(signals.rootUsed.expr, threshold),
    for: minutes(15),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage }) => `The root file system of ${label.target} is ${percentage} full`,
    description: () =>
      "The server keeps its task logs and the state of its jobs there. When it is full, jobs and backups fail.",
  }),
  alert({
    name: "ProxmoxBackupCertificateExpiring",
    severity: "warning",
    threshold: { value: inSeconds(days(21)), unit: "seconds", help: "time until the server's certificate ends" },
    when: (threshold) => less(signals.certificateLeft.expr, threshold),
    for: hours(1),
    keepFiringFor: hours(2),
    summary: ({ label, duration }) => `The certificate of ${label.target} ends in ${duration}`,
    description: () =>
      "After that every client that does not pin its fingerprint refuses the server, and backups fail. A negative time means that it has ended.",
  }),
  alert({
    name: "ProxmoxBackupSubscriptionEnded",
    severity: "warning",
    when: equal(signals.subscriptionEnded.expr, 1),
    for: hours(6),
    keepFiringFor: hours(2),
    summary: ({ label }) => `The subscription of ${label.target} is ${label.status}`,
    description: () =>
      "The server goes on, but the enterprise repository refuses it, so that it gets no updates. A server that never had a subscription does not raise this.",
  }),
];
