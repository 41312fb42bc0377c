import { panel, type PanelRow } from "../../../core/dashboard.ts";
import { cephSignals as ceph } from "../signals/ceph.ts";
import { clusterSignals as cluster } from "../signals/cluster.ts";
import { diskSignals as disks, zfsSignals as zfs } from "../signals/disks.ts";
import { haSignals as ha } from "../signals/ha.ts";
import { nodeSignals as nodes } from "../signals/nodes.ts";
import { replicationSignals as replication } from "../signals/replication.ts";
import { upkeepSignals as upkeep } from "../signals/upkeep.ts";

/** A click chooses the node. */
export const toNode = { dashboard: "proxmox", variables: { target: "target", node: "node" } };

const WITHOUT_ZFS = { emptyWhen: "no node has a ZFS pool" };

/** What the pools are like, and why. */
export const zfsRows: readonly PanelRow[] = [
  {
    title: "ZFS pools",
    panels: [
      panel("state-timeline", zfs.poolDegraded, { ...WITHOUT_ZFS, width: 12 }),
      panel("state-timeline", zfs.poolFaulted, { ...WITHOUT_ZFS, width: 12 }),
    ],
  },
  {
    title: "ZFS pools: space, errors, scrubs",
    collapsed: true,
    panels: [
      panel("timeseries", zfs.poolUsed, WITHOUT_ZFS),
      panel("timeseries", zfs.fragmentation, WITHOUT_ZFS),
      panel("timeseries", zfs.scrubAge, { emptyWhen: "the newest scan of each pool is no finished scrub" }),
      panel("timeseries", zfs.scrubErrors, { emptyWhen: "the newest scan of each pool is no finished scrub" }),
      panel("timeseries", zfs.redundancy, { emptyWhen: "no node has a redundant ZFS pool" }),
      panel("timeseries", zfs.deviceErrors, { ...WITHOUT_ZFS, legend: "{{node}} {{pool}} {{device}}" }),
      panel("state-timeline", zfs.redundancyLost, {
        width: 12,
        emptyWhen: "every part of a redundant pool has redundancy left",
      }),
      panel("state-timeline", zfs.dataErrors, { ...WITHOUT_ZFS, width: 12 }),
    ],
  },
];

const WITHOUT_SMART = { emptyWhen: "SMART is not asked: `smart: true` is not set" };

/** Physical disks. */
export const disksRow: PanelRow = {
  title: "Disks",
  collapsed: true,
  panels: [
    panel("state-timeline", disks.diskHealthy, { ...WITHOUT_SMART, legend: "{{node}} {{device}} {{disk}}" }),
    panel("timeseries", disks.diskLifeLeft, { ...WITHOUT_SMART, legend: "{{node}} {{device}} {{disk}}" }),
    panel("table", disks.diskVanished, { width: 12, emptyWhen: "no disk vanished within a day" }),
    panel("table", disks.diskInventory),
  ],
};

/** Votes, and what the token sees. */
export const quorumRow: PanelRow = {
  title: "Quorum",
  collapsed: true,
  panels: [
    panel("state-timeline", cluster.quorate, { width: 12, emptyWhen: "a standalone host has no quorum" }),
    panel("state-timeline", cluster.quorumDevice, { width: 12, emptyWhen: "the cluster has no quorum device" }),
    panel("timeseries", cluster.tolerance, { width: 8, emptyWhen: "a standalone host has no quorum" }),
    panel("timeseries", cluster.missingVotes, { width: 8, emptyWhen: "a standalone host has no quorum" }),
    panel("timeseries", cluster.clusterNodes, { width: 8 }),
    panel("state-timeline", cluster.knownGuests, {
      width: 12,
      emptyWhen: "there are no guests, or the token sees none",
    }),
    panel("state-timeline", cluster.knownNodes, { width: 12 }),
  ],
};

const WITHOUT_HA = { emptyWhen: "no guest is under high availability" };

/** The HA stack. */
export const haRow: PanelRow = {
  title: "High availability",
  collapsed: true,
  panels: [
    panel("state-timeline", ha.serviceWanted, { ...WITHOUT_HA, width: 12 }),
    panel("state-timeline", ha.serviceError, { ...WITHOUT_HA, width: 12 }),
    panel("state-timeline", ha.serviceUnrecovered, { ...WITHOUT_HA, width: 12 }),
    panel("state-timeline", ha.nodeFenced, { ...WITHOUT_HA, width: 12 }),
    panel("state-timeline", ha.nodeInMaintenance, { ...WITHOUT_HA, width: 12 }),
    panel("state-timeline", ha.armed, { width: 12, emptyWhen: "Proxmox VE before 9.2 does not tell" }),
    panel("timeseries", ha.managerAge, { ...WITHOUT_HA, width: 8 }),
    panel("timeseries", ha.localManagerAge, { ...WITHOUT_HA, width: 8 }),
    panel("timeseries", ha.services, { ...WITHOUT_HA, width: 8 }),
  ],
};

const WITHOUT_JOBS = { emptyWhen: "there are no replication jobs" };

/** Copies of guests' disks on other nodes. */
export const replicationRow: PanelRow = {
  title: "Replication",
  collapsed: true,
  panels: [
    panel("timeseries", replication.replicationAge, { ...WITHOUT_JOBS, legend: "{{guest}} from {{node}} ({{id}})" }),
    panel("timeseries", replication.replicationFailures, {
      ...WITHOUT_JOBS,
      legend: "{{guest}} from {{node}} ({{id}})",
    }),
    panel("timeseries", replication.replicationDuration, {
      ...WITHOUT_JOBS,
      legend: "{{guest}} from {{node}} ({{id}})",
    }),
    panel("table", replication.replicationEnabled, { ...WITHOUT_JOBS, width: 12 }),
  ],
};

const WITHOUT_CEPH = { emptyWhen: "the cluster has no Ceph" };

/** Ceph. */
export const cephRow: PanelRow = {
  title: "Ceph",
  collapsed: true,
  panels: [
    panel("timeseries", ceph.cephHealth, WITHOUT_CEPH),
    panel("timeseries", ceph.osdsDown, WITHOUT_CEPH),
    panel("timeseries", ceph.cephDegraded, WITHOUT_CEPH),
    panel("timeseries", ceph.cephUsed, WITHOUT_CEPH),
    panel("state-timeline", ceph.cephChecks, { emptyWhen: "Ceph raises no health check" }),
  ],
};

/** What comes with time. */
export const upkeepRow: PanelRow = {
  title: "Upkeep",
  collapsed: true,
  panels: [
    panel("timeseries", nodes.nodeUptime, { drillDown: toNode }),
    panel("timeseries", upkeep.certificateLeft),
    panel("timeseries", upkeep.updatesPending, { emptyWhen: "the token may not ask for updates: Sys.Modify" }),
    panel("timeseries", upkeep.tasksFailed, { emptyWhen: "no task but backups failed in 24 hours" }),
    panel("table", upkeep.nodeVersions),
    panel("timeseries", cluster.versions),
    panel("state-timeline", upkeep.subscriptionLapsed, {
      width: 12,
      height: 8,
      emptyWhen: "no node has a subscription",
    }),
  ],
};
