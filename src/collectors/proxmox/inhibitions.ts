import type { Inhibition } from "../../core/pack.ts";

const ofDisks = ["ProxmoxDiskUnhealthy", "ProxmoxDiskVanished", "ProxmoxDiskWornOut"];
const ofPools = [
  "ProxmoxZfsDataErrors",
  "ProxmoxZfsDeviceErrors",
  "ProxmoxZfsFragmented",
  "ProxmoxZfsNeverScrubbed",
  "ProxmoxZfsPoolDegraded",
  "ProxmoxZfsPoolFilling",
  "ProxmoxZfsPoolNearlyFull",
  "ProxmoxZfsRedundancyLost",
  "ProxmoxZfsScrubErrors",
  "ProxmoxZfsScrubOverdue",
];
const ofGuests = [
  "ProxmoxGuestFaulted",
  "ProxmoxGuestLocked",
  "ProxmoxGuestRestarting",
  "ProxmoxGuestStalled",
  "ProxmoxGuestStopped",
];
const ofStorages = ["ProxmoxStorageFilling", "ProxmoxStorageFull", "ProxmoxStorageFullSoon", "ProxmoxStorageInactive"];
const ofNodes = [
  "ProxmoxCertificateExpiring",
  "ProxmoxNodeCpuHigh",
  "ProxmoxNodeIowaitHigh",
  "ProxmoxNodeMemoryHigh",
  "ProxmoxNodeRootFilling",
  "ProxmoxNodeRootFull",
  "ProxmoxNodeRootFullSoon",
  "ProxmoxNodeStatisticsMissing",
  "ProxmoxNodeSwapFilling",
  "ProxmoxTasksFailed",
  "ProxmoxUpdatesNeglected",
];

/** What says nothing new while another alert of the cluster fires. */
export const proxmoxInhibitions: readonly Inhibition[] = [
  {
    by: "ProxmoxNotQuorate",
    silences: [
      "ProxmoxGuestBackupFailed",
      "ProxmoxVzdumpTaskFailed",
      "ProxmoxGuestStopped",
      "ProxmoxHaLocalManagerStale",
      "ProxmoxHaManagerStale",
      "ProxmoxHaServiceNotRecovered",
      "ProxmoxNodeOffline",
      "ProxmoxQuorumAtRisk",
      "ProxmoxReplicationFailing",
      "ProxmoxReplicationLate",
    ],
    equal: ["target"],
    because: "Without a quorum the nodes do not see each other, and nothing can be started, copied or backed up.",
  },
  {
    by: "ProxmoxNodeOffline",
    silences: [
      ...ofNodes,
      ...ofGuests,
      ...ofStorages,
      ...ofPools,
      ...ofDisks,
      "ProxmoxVzdumpTaskFailed",
      "ProxmoxHaLocalManagerStale",
      "ProxmoxReplicationFailing",
      "ProxmoxReplicationLate",
      "ProxmoxZfsPoolFaulted",
    ],
    equal: ["target", "node"],
    because: "What is on a node that is offline is offline as well.",
  },
  {
    by: "ProxmoxNodeOffline",
    silences: ["ProxmoxCephOsdDown"],
    equal: ["target"],
    because: "The storage daemons on the node are down with it; Ceph counts them for the whole cluster.",
  },
  {
    by: "ProxmoxHaServiceError",
    silences: ["ProxmoxGuestStopped", "ProxmoxHaServiceNotRecovered"],
    equal: ["target", "id"],
    because: "A guest that the HA manager gave up is not started by it.",
  },
  {
    by: "ProxmoxHaServiceNotRecovered",
    silences: ["ProxmoxGuestStopped"],
    equal: ["target", "id"],
    because: "A guest that waits to be recovered does not run.",
  },
  {
    by: "ProxmoxGuestFaulted",
    silences: ["ProxmoxGuestStopped"],
    equal: ["target", "id"],
    because: "A virtual machine that was halted by an error does not run.",
  },
  {
    by: "ProxmoxStorageInactive",
    silences: ["ProxmoxStorageFilling", "ProxmoxStorageFull", "ProxmoxStorageFullSoon"],
    equal: ["target", "node", "storage"],
    because: "Of a storage that does not answer only old figures are known.",
  },
  {
    by: "ProxmoxStorageFull",
    silences: ["ProxmoxStorageFilling", "ProxmoxStorageFullSoon"],
    equal: ["target", "node", "storage"],
    because: "The storage is full already.",
  },
  {
    by: "ProxmoxStorageFilling",
    silences: ["ProxmoxStorageFullSoon"],
    equal: ["target", "node", "storage"],
    because: "The same storage, and somebody looks at it already.",
  },
  {
    by: "ProxmoxNodeRootFull",
    silences: ["ProxmoxNodeRootFilling", "ProxmoxNodeRootFullSoon"],
    equal: ["target", "node"],
    because: "The file system is full already.",
  },
  {
    by: "ProxmoxNodeMemoryHigh",
    silences: ["ProxmoxNodeSwapFilling"],
    equal: ["target", "node"],
    because: "Swap fills because memory does.",
  },
  {
    by: "ProxmoxGuestBackupFailed",
    silences: ["ProxmoxGuestBackupOverdue", "ProxmoxGuestNeverBackedUp"],
    equal: ["target", "id"],
    because: "A backup that failed is why there is no new one.",
  },
  {
    by: "ProxmoxReplicationFailing",
    silences: ["ProxmoxReplicationLate"],
    equal: ["target", "id"],
    because: "A job that fails is late.",
  },
  {
    by: "ProxmoxZfsPoolFaulted",
    silences: ofPools,
    equal: ["target", "node", "pool"],
    because: "The pool can not be used, whatever else is wrong with it.",
  },
  {
    by: "ProxmoxZfsRedundancyLost",
    silences: ["ProxmoxZfsPoolDegraded"],
    equal: ["target", "node", "pool"],
    because: "A pool without redundancy is degraded.",
  },
  {
    by: "ProxmoxZfsPoolNearlyFull",
    silences: ["ProxmoxZfsPoolFilling"],
    equal: ["target", "node", "pool"],
    because: "The same figure, further on.",
  },
  {
    by: "ProxmoxDiskUnhealthy",
    silences: ["ProxmoxDiskWornOut"],
    equal: ["target", "node", "disk"],
    because: "The disk has to be replaced anyhow.",
  },
];
