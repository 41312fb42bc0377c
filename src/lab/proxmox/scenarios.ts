import type { ProxmoxLab, ProxmoxScenario, ProxmoxScenarioName } from "./contract.ts";
import {
  degrade,
  failBackup,
  failReplication,
  failVerification,
  firstOf,
  lastOf,
  oddWear,
  reuse,
  secondOf,
  startMigration,
  warnCeph,
} from "./effects.ts";

type Run = ProxmoxScenario["run"];

/** What an operator may want to see happen to a cluster, by name; `restore` fills its state anew. */
export function createScenarios(restore: () => void): Readonly<Record<ProxmoxScenarioName, ProxmoxScenario>> {
  const recover: ProxmoxScenario = {
    name: "recover",
    help: "ends all faults, starts every node, gives the tokens their rights back and undoes every other scenario",
    run: (lab) => recoverAll(lab, restore),
  };
  const others = (Object.keys(HAPPENINGS) as Exclude<ProxmoxScenarioName, "recover">[]).map((name) => {
    const { help, run } = HAPPENINGS[name];
    const scenario: ProxmoxScenario = {
      name,
      help,
      run: async (lab) => {
        await run(lab);
        lab.touch();
      },
    };
    return [name, scenario] as const;
  });
  return {
    ...(Object.fromEntries(others) as Record<Exclude<ProxmoxScenarioName, "recover">, ProxmoxScenario>),
    recover,
  };
}

const HAPPENINGS: Readonly<
  Record<Exclude<ProxmoxScenarioName, "recover">, { readonly help: string; readonly run: Run }>
> = {
  node_down: {
    help: "kills the last node: its port is closed, and calls for it through the others end after 30 seconds in status 595",
    run: (lab) => lastOf(lab.nodes).stop(),
  },
  nfs_hung: {
    help: "lets the NFS share hang on the last node: its storage calls stall for 30 seconds, everything else goes on",
    run: async ({ state }) => void lastOf(state.nodes).hungStorages.push("nfs"),
  },
  quorum_lost: {
    help: "kills nodes until the rest has no majority: it answers, and is not quorate",
    run: loseQuorum,
  },
  token_without_rights: {
    help: "takes all rights from every token: lists become empty, and the rest is answered 403",
    run: async (lab) => lab.withdrawRights(true),
  },
  guest_migrating: {
    help: "moves the first guest to another node: for now it is listed on both, and locked",
    run: async ({ state }) => startMigration(state.guests, state.nodes),
  },
  wearout_odd: {
    help: "mixes what disks say of their wear: N/A, a number as text, null, and lists that are null",
    run: async ({ state }) => oddWear(state.nodes),
  },
  backup_job_disabled: {
    help: "disables the daily backup job, which Proxmox VE itself goes on to count as cover",
    run: async ({ state }) => void (firstOf(state.backupJobs).enabled = 0),
  },
  backup_failed: {
    help: "lets one guest fail in tonight's backup of several, whose task then has errors and no id",
    run: async ({ state }) => failBackup(state),
  },
  verify_failed: {
    help: "lets the backup server find the newest backup of the first guest damaged",
    run: async ({ state }) => failVerification(state),
  },
  replication_failing: {
    help: "lets the first replication job fail three times, an hour after its last success",
    run: async ({ state }) => failReplication(state),
  },
  zfs_degraded: {
    help: "takes a disk from the first node's pool; counters beyond a thousand arrive cut short, 1.2K as 1.2",
    run: async ({ state }) => degrade(firstOf(state.nodes)),
  },
  disk_failing: {
    help: "lets the first disk of the first node fail its own test, with 3 % of its life left",
    run: async ({ state }) => void Object.assign(firstOf(firstOf(state.nodes).disks), { health: "FAILED", wearout: 3 }),
  },
  ha_error: {
    help: "puts the first high availability service in error, which nothing but a person ends",
    run: async ({ state }) => void Object.assign(firstOf(state.ha?.services ?? []), { state: "error" }),
  },
  ceph_warning: {
    help: "takes one disk from Ceph: a warning, and placement groups that are degraded",
    run: async ({ state }) => warnCeph(state.ceph),
  },
  locked_guest: {
    help: "leaves a guest locked by a snapshot that was interrupted",
    run: async ({ state }) => void Object.assign(secondOf(state.guests), { lock: "snapshot" }),
  },
  vmid_reused: {
    help: "deletes the second guest and makes a container with its number on another node",
    run: async ({ state }) => reuse(secondOf(state.guests), state.nodes),
  },
  guest_renamed: {
    help: "gives the first guest another name and other tags",
    run: async ({ state }) => void Object.assign(firstOf(state.guests), { name: "renamed", tags: "other;renamed" }),
  },
  clock_jumps_back: {
    help: "sets the cluster's clock back by an hour",
    run: async ({ state }) => void (state.clockOffsetMs -= 3_600_000),
  },
};

async function recoverAll(lab: ProxmoxLab, restore: () => void): Promise<void> {
  restore();
  lab.withdrawRights(false);
  for (const node of lab.nodes) {
    await node.setFault(undefined);
    await node.start();
  }
}

async function loseQuorum(lab: ProxmoxLab): Promise<void> {
  const votes = lab.nodes.length + (lab.state.qdevice === undefined ? 0 : 1);
  if (lab.state.qdevice !== undefined) lab.state.qdevice["State"] = "Disconnected";
  const living = Math.floor(votes / 2);
  for (const node of lab.nodes.slice(Math.max(1, living))) await node.stop();
}
