import type { Inhibition } from "../../core/pack.ts";

const ofDevices = ["TrueNasPoolDeviceErrors", "TrueNasPoolDeviceOffline", "TrueNasPoolSlowDisk"];
const ofScrubs = [
  "TrueNasPoolNeverScrubbed",
  "TrueNasPoolScanStuck",
  "TrueNasPoolScrubErrors",
  "TrueNasPoolScrubOverdue",
  "TrueNasPoolScrubPaused",
];
const ofSpace = [
  "TrueNasPoolAutotrimOff",
  "TrueNasPoolFillingUp",
  "TrueNasPoolFragmented",
  "TrueNasPoolFull",
  "TrueNasPoolNearlyFull",
];
const ofDatasets = ["TrueNasDatasetLocked", "TrueNasDatasetQuotaNearlyFull", "TrueNasSnapshotsTooMany"];
const ofPools = [
  ...ofDevices,
  ...ofScrubs,
  ...ofSpace,
  ...ofDatasets,
  "TrueNasPoolRedundancyLost",
  "TrueNasPoolUnhealthy",
  "TrueNasPoolWithoutRedundancy",
  "TrueNasSnapshotsStale",
  "TrueNasSpareInUse",
  "TrueNasVdevDegraded",
];
const ofDisks = ["TrueNasDiskHot", "TrueNasDiskSelfTestFailed", "TrueNasDiskSilent", "TrueNasDiskVanished"];
const ofTasks = ["TrueNasTaskDisabled", "TrueNasTaskFailed", "TrueNasTaskHeld", "TrueNasTaskLate", "TrueNasTaskStuck"];
const ofSystem = [
  "TrueNasAppCrashed",
  "TrueNasClockOff",
  "TrueNasInterfaceDown",
  "TrueNasMemoryLow",
  "TrueNasNativeCritical",
  "TrueNasNativeWarning",
  "TrueNasNotReady",
  "TrueNasRebootRequired",
  "TrueNasRestClients",
  "TrueNasServiceStopped",
  "TrueNasUpdateAvailable",
  "TrueNasUpgradeRemovesApi",
];

/** What says nothing new while another alert of the server fires. */
export const trueNasInhibitions: readonly Inhibition[] = [
  {
    by: "TrueNasDown",
    // what may be why it does not answer is told all the same: its UPS, certificate and keys
    silences: [
      ...ofPools,
      ...ofDisks,
      ...ofTasks,
      ...ofSystem,
      "TrueNasPoolNotImported",
      "TrueNasPoolSuspended",
      "WatchkeeperPartFailing",
      "WatchkeeperPartIncomplete",
      "WatchkeeperPartNeverRead",
    ],
    equal: ["target"],
    because: "Nothing of a server that does not answer can be read, and what was read last is old.",
  },
  {
    by: "TrueNasNotReady",
    silences: ["TrueNasAppCrashed", "TrueNasServiceStopped", "TrueNasSnapshotsStale", "TrueNasTaskLate"],
    equal: ["target"],
    because: "A server that has not finished its start has not started its services, apps and tasks.",
  },
  {
    by: "TrueNasPoolSuspended",
    silences: ofPools,
    equal: ["target", "pool"],
    because: "The pool stands still, whatever else is wrong with it.",
  },
  {
    by: "TrueNasPoolNotImported",
    silences: [...ofPools, "TrueNasPoolSuspended"],
    equal: ["target", "pool"],
    because: "The pool is not there, so that what was known of it is old.",
  },
  {
    by: "TrueNasPoolRedundancyLost",
    silences: ["TrueNasPoolDeviceOffline", "TrueNasVdevDegraded"],
    equal: ["target", "pool", "class", "vdev"],
    because: "A vdev without redundancy is short of a disk.",
  },
  {
    by: "TrueNasPoolRedundancyLost",
    silences: ["TrueNasPoolUnhealthy"],
    equal: ["target", "pool"],
    because: "A pool that lost its redundancy is not healthy.",
  },
  {
    by: "TrueNasVdevDegraded",
    silences: ["TrueNasPoolDeviceOffline"],
    equal: ["target", "pool", "class", "vdev"],
    because: "The disk that is not in use is why the vdev has less redundancy.",
  },
  {
    by: "TrueNasVdevDegraded",
    silences: ["TrueNasPoolUnhealthy"],
    equal: ["target", "pool"],
    because: "A pool with a degraded vdev is not healthy.",
  },
  {
    by: "TrueNasPoolScrubPaused",
    silences: ["TrueNasPoolScrubOverdue"],
    equal: ["target", "pool"],
    because: "No scrub ends while one is paused.",
  },
  {
    by: "TrueNasPoolFull",
    silences: ["TrueNasPoolNearlyFull", "TrueNasPoolFillingUp", "TrueNasPoolFragmented"],
    equal: ["target", "pool"],
    because: "The pool is full already.",
  },
  {
    by: "TrueNasTaskHeld",
    silences: ["TrueNasTaskFailed", "TrueNasTaskLate", "TrueNasSnapshotsStale"],
    equal: ["target", "kind", "task_id"],
    because: "A task that is held back does not run.",
  },
  {
    by: "TrueNasTaskFailed",
    silences: ["TrueNasTaskLate", "TrueNasSnapshotsStale"],
    equal: ["target", "kind", "task_id"],
    because: "A run that failed is why there is no new one.",
  },
  {
    by: "TrueNasTaskStuck",
    silences: ["TrueNasSnapshotsStale"],
    equal: ["target", "kind", "task_id"],
    because: "A run that does not end is why there is no new one.",
  },
  {
    by: "TrueNasTaskLate",
    silences: ["TrueNasSnapshotsStale"],
    equal: ["target", "kind", "task_id"],
    because: "A task that did not run made no snapshot.",
  },
  {
    by: "TrueNasUpsBatteryLow",
    silences: ["TrueNasUpsOnBattery"],
    equal: ["target"],
    because: "The battery is low because the UPS runs on it.",
  },
  {
    by: "TrueNasUpgradeRemovesApi",
    silences: ["TrueNasRestClients", "TrueNasUpdateAvailable"],
    equal: ["target"],
    because: "The update that is offered breaks those who use the API.",
  },
];
