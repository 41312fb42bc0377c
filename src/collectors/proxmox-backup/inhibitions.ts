import type { Inhibition } from "../../core/pack.ts";

/** What says nothing new while another alert of the server fires. */
export const proxmoxBackupInhibitions: readonly Inhibition[] = [
  {
    by: "ProxmoxBackupDown",
    silences: ["WatchkeeperPartFailing", "WatchkeeperPartIncomplete", "WatchkeeperPartNeverRead"],
    equal: ["target"],
    because: "Nothing of a server that does not answer can be read.",
  },
  {
    by: "ProxmoxBackupDatastoreUnusable",
    silences: ["ProxmoxBackupJobOverdue"],
    equal: ["target", "datastore"],
    because: "No job works on a datastore that can not be opened.",
  },
  {
    by: "ProxmoxBackupDatastoreFull",
    silences: ["ProxmoxBackupDatastoreNearlyFull", "ProxmoxBackupDatastoreFillingUp"],
    equal: ["target", "datastore"],
    because: "A full datastore is nearly full and fills up.",
  },
  {
    by: "ProxmoxBackupVerificationFailed",
    silences: ["ProxmoxBackupVerifyJobFailed"],
    equal: ["target", "datastore"],
    because: "The verify job failed because it found these backups.",
  },
];
