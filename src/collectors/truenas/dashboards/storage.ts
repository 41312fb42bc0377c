import { panel, type Dashboard, type PanelRow } from "../../../core/dashboard.ts";
import { datasets as datasetMetrics, pools } from "../metrics/pools.ts";
import { datasetSignals as datasets } from "../signals/datasets.ts";
import { deviceSignals as devices } from "../signals/devices.ts";
import { scrubSignals as scrubs } from "../signals/scrubs.ts";
import { spaceSignals as space } from "../signals/space.ts";
import { summarySignals as summary } from "../signals/summary.ts";

const HALF = { width: 12 };
const LOW = { width: 12, height: 5 };
const BOOT_ONLY = { emptyWhen: "only the boot pool is chosen, which does not tell it" };
const ofDevice = "{{pool}} {{vdev}} {{disk}} {{guid}}";

const wellRow: PanelRow = {
  title: "Is it well?",
  panels: [
    panel("stat", summary.poolsUnusable),
    panel("stat", summary.vdevsAtRisk, { emptyWhen: "the chosen pools are not there" }),
    panel("stat", summary.poolsUnhealthy, { emptyWhen: "the chosen pools are not there" }),
    panel("stat", summary.devicesMissing, { emptyWhen: "the chosen pools are not there" }),
    panel("stat", summary.devicesWithErrors, { emptyWhen: "the chosen pools are not there" }),
    panel("stat", summary.fullestPool, { emptyWhen: "the chosen pools are not there" }),
  ],
};

const redundancyRow: PanelRow = {
  title: "Redundancy and disks",
  panels: [
    panel("state-timeline", devices.unhealthy, { ...LOW, emptyWhen: "every pool is healthy" }),
    panel("state-timeline", devices.redundancyLost, {
      ...LOW,
      legend: "{{pool}} {{class}} {{vdev}}",
      emptyWhen: "every part of a redundant pool has redundancy left",
    }),
    panel("state-timeline", devices.vdevDegraded, {
      ...LOW,
      legend: "{{pool}} {{class}} {{vdev}}",
      emptyWhen: "every vdev has the redundancy that it was built with",
    }),
    panel("state-timeline", devices.resilvering, LOW),
    panel("state-timeline", devices.deviceOnline, { legend: ofDevice, height: 10 }),
    panel("timeseries", devices.deviceErrors, { legend: ofDevice }),
    panel("timeseries", devices.slowIos, { legend: ofDevice, emptyWhen: "TrueNAS tells it from 26 on" }),
  ],
};

const spaceRow: PanelRow = {
  title: "Space",
  panels: [
    panel("timeseries", space.poolUsed),
    panel("timeseries", space.poolFullIn, {
      emptyWhen: "no pool that is more than three fifths full grew on both of the last days",
    }),
    panel("timeseries", space.poolUsedBytes, {
      title: "Space in use and free",
      help: "As its owner sees it, without parity; the boot pool does not tell it.",
      and: [space.poolAvailable],
      ...BOOT_ONLY,
    }),
    panel("timeseries", space.fragmentation),
  ],
};

const datasetsRow: PanelRow = {
  title: "Datasets and snapshots",
  panels: [
    panel("table", datasets.used, {
      title: "All datasets",
      help: "What each takes with its children, what its snapshots keep and how many there are, and when the newest was made.",
      and: [datasets.usedBySnapshots, datasets.available, datasets.compression, datasets.snapshots, datasets.newestAge],
      height: 10,
      ...BOOT_ONLY,
    }),
    panel("timeseries", datasets.quotaUsed, {
      legend: "{{dataset}}",
      emptyWhen: "no dataset has a quota with its children",
    }),
    panel("timeseries", datasets.refquotaUsed, {
      legend: "{{dataset}}",
      emptyWhen: "no dataset has a quota of its own",
    }),
    panel("state-timeline", datasets.locked, { ...LOW, legend: "{{dataset}}", emptyWhen: "no dataset is locked" }),
  ],
};

const scrubsRow: PanelRow = {
  title: "Scrubs and resilvers",
  collapsed: true,
  panels: [
    panel("timeseries", scrubs.scrubAge, { emptyWhen: "no finished scrub was seen" }),
    panel("timeseries", scrubs.scrubErrors, { emptyWhen: "no finished scrub was seen" }),
    panel("timeseries", scrubs.scanProgress, { emptyWhen: "no scrub or resilver is under way" }),
    panel("state-timeline", scrubs.scrubPaused, { ...HALF, height: 8, emptyWhen: "no scrub is under way" }),
    panel("state-timeline", scrubs.scrubbing, HALF),
    panel("state-timeline", scrubs.scrubScheduled, { ...HALF, ...BOOT_ONLY }),
  ],
};

const builtRow: PanelRow = {
  title: "What the pools are built of",
  collapsed: true,
  panels: [
    panel("table", devices.vdevs),
    panel("table", devices.devices, { height: 10 }),
    panel("state-timeline", devices.imported, HALF),
    panel("state-timeline", devices.suspended, HALF),
    panel("timeseries", devices.redundancy),
    panel("timeseries", devices.sparesInUse),
    panel("state-timeline", devices.withoutRedundancy, {
      ...HALF,
      emptyWhen: "every data pool has redundancy, or had it within a week",
    }),
    panel("state-timeline", space.withoutTrim, { ...HALF, emptyWhen: "no pool of SSDs alone goes without trim" }),
  ],
};

const snapshotsRow: PanelRow = {
  title: "Snapshots and volumes in their course",
  collapsed: true,
  panels: [
    panel("timeseries", datasets.snapshots, { legend: "{{dataset}}", ...BOOT_ONLY }),
    panel("timeseries", datasets.usedBySnapshots, { legend: "{{dataset}}", ...BOOT_ONLY }),
    panel("timeseries", datasets.used, { legend: "{{dataset}}", ...BOOT_ONLY }),
    panel("timeseries", datasets.csiVolumes, { emptyWhen: "no storage driver of Kubernetes marked a dataset" }),
  ],
};

/** Pools with their disks, and datasets with their snapshots. */
export const storageDashboard: Dashboard = {
  id: "truenas-storage",
  title: "TrueNAS pools and datasets",
  description:
    "One pool or several: how many more disks may fail, which disk makes trouble, when will it be full, and what takes the space?",
  variables: [
    { name: "target", title: "Server", metric: pools.imported },
    { name: "pool", title: "Pool", metric: pools.imported },
    { name: "dataset", title: "Dataset", metric: datasetMetrics.used },
  ],
  rows: [wellRow, redundancyRow, spaceRow, datasetsRow, scrubsRow, builtRow, snapshotsRow],
  explore: { logs: 'host.name:"{{target}}"' },
};
