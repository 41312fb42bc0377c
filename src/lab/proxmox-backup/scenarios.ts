import type { ProxmoxBackupLab, ProxmoxBackupScenario, ProxmoxBackupScenarioName } from "./contract.ts";
import type { LabDatastore, LabJobKind } from "./model.ts";

const DAY = 86_400;

/** What an operator may want to see happen to a server, by name. */
export const PROXMOX_BACKUP_SCENARIOS: Readonly<Record<ProxmoxBackupScenarioName, ProxmoxBackupScenario>> = {
  datastore_full: {
    help: "fills the first datastore to 97 %, with three days left by the server's estimate",
    run: async (lab) => {
      const store = firstStore(lab);
      store.used = Math.round(store.total * 0.97);
      store.estimatedFull = lab.now() + 3 * DAY;
    },
  },
  unmounted: {
    help: "unplugs the removable datastore",
    run: async ({ state }) => {
      for (const store of state.datastores) if (store.mountStatus === "mounted") store.mountStatus = "notmounted";
    },
  },
  verify_failed: {
    help: "makes the verify job find damage in the newest backup of the first group and in an older one of the second",
    run: async (lab) => verifyFailed(lab),
  },
  gc_failed: {
    help: "ends the garbage collection of the first datastore with an error, and has it count damaged chunks",
    run: async (lab) => {
      failJob(lab, "gc", "unable to get shared lock - datastore is in use");
      const { garbage } = firstStore(lab);
      if (garbage !== undefined) garbage.stillBad = 3;
    },
  },
  sync_failed: {
    help: "ends the sync job with an error of its remote",
    run: async (lab) => failJob(lab, "sync", "sync failed with some errors."),
  },
  old_backups: {
    help: "takes the backups of the last four days from the first group and of the last sixty from the second",
    run: async (lab) => {
      const [first, second] = firstStore(lab).namespaces[0]?.groups ?? [];
      for (const snapshot of first?.snapshots ?? []) snapshot.time -= 4 * DAY;
      for (const snapshot of second?.snapshots ?? []) snapshot.time -= 60 * DAY;
    },
  },
  token_without_rights: {
    help: "takes all roles from the token: most lists become empty, the rest is answered 403",
    run: async (lab) => void lab.grant(lab.tokenId, {}),
  },
  recover: {
    help: "ends all faults, gives the token its roles back and fills the server anew",
    run: async (lab) => {
      await lab.setFault(undefined);
      await lab.start();
      lab.grant(lab.tokenId, { "/": ["Audit"], "/remote": ["RemoteAudit"] });
      lab.reset();
    },
  },
};

function firstStore({ state }: ProxmoxBackupLab): LabDatastore {
  const [store] = state.datastores;
  if (store === undefined) throw new RangeError("the server has no datastore");
  return store;
}

function failJob(lab: ProxmoxBackupLab, kind: LabJobKind, state: string): void {
  const job = lab.state.jobs.find((one) => one.kind === kind);
  if (job === undefined) return;
  const [startedAt, endedAt] = [lab.now() - 120, lab.now() - 60];
  job.run = { startedAt, endedAt, state };
  const type = kind === "gc" ? "garbage_collection" : kind === "verify" ? "verificationjob" : `${kind}job`;
  lab.state.tasks.push({ type, id: job.store, startedAt, endedAt, status: state });
}

function verifyFailed(lab: ProxmoxBackupLab): void {
  failJob(lab, "verify", "verification failed - please check the log for details");
  const [first, second] = firstStore(lab).namespaces[0]?.groups ?? [];
  const [newest, older] = [first?.snapshots[0], second?.snapshots.at(-1)];
  if (newest !== undefined) newest.verification = "failed";
  if (older !== undefined) older.verification = "failed";
}
