import { afterAll, beforeAll, expect, it } from "vitest";
import { proxmoxAlerts } from "../../src/collectors/proxmox/alerts.ts";
import type { ProxmoxLab, ProxmoxScenarioName } from "../../src/lab/proxmox/contract.ts";
import type { ProxmoxState } from "../../src/lab/proxmox/model.ts";
import { openTarget, startLab } from "../contract/proxmox-target.ts";
import { startAlertConditions, type AlertConditions } from "../helpers/alert-conditions.ts";
import { describeReal } from "../helpers/describe-real.ts";

/** Enough for everything that the pack can read. */
const PRIVILEGES = ["Datastore.AllocateSpace", "VM.Backup", "Sys.Modify"];

/** What the lab has of its own accord while nothing happens to it. */
const ALWAYS = [
  "ProxmoxGuestLocked id=lxc/105 name=dns-6 node=pve1",
  "ProxmoxGuestNotCovered id=lxc/132 name=web-33",
  "ProxmoxGuestNotCovered id=lxc/135 name=mail-36",
  "ProxmoxGuestNotCovered id=lxc/138 name=proxy-39",
  "ProxmoxOrphanedBackups storage=pbs",
  "ProxmoxVzdumpJobDisabled job_id=backup-old",
];

const DAY = 86_400;

/**
 * The backups before the newest night's are three days older than the lab makes them, so that a guest which loses its
 * newest one is overdue at any hour of the day and on any day of the week.
 */
function ageOlderBackups({ backups }: ProxmoxState): void {
  const times = backups.filter(({ storage }) => storage === "pbs").map(({ row }) => Number(row["ctime"]));
  const night = Math.max(...times) - DAY / 2;
  for (const { storage, row } of backups) {
    const made = Number(row["ctime"]);
    if (storage !== "pbs" || made < night) row["ctime"] = made - 3 * DAY;
  }
}

/** What each scenario adds: the conditions that hold, with what they are about, whatever the alert waits for. */
const SCENARIOS: readonly (readonly [ProxmoxScenarioName, readonly string[]])[] = [
  ["node_down", ["ProxmoxNodeOffline node=pve3", "ProxmoxQuorumAtRisk"]],
  ["nfs_hung", ["ProxmoxStorageInactive node=pve3 storage=nfs"]],
  ["quorum_lost", ["ProxmoxNodeOffline node=pve3", "ProxmoxNotQuorate", "ProxmoxQuorumDeviceDown"]],
  ["guest_migrating", ["ProxmoxGuestLocked id=qemu/100 name=web-1 node=pve1"]],
  ["wearout_odd", []],
  [
    "backup_failed",
    ["ProxmoxGuestBackupFailed id=lxc/102 name=cache-3", "ProxmoxGuestBackupOverdue id=lxc/102 name=cache-3"],
  ],
  [
    "verify_failed",
    ["ProxmoxGuestBackupDamaged id=qemu/100 name=web-1", "ProxmoxGuestBackupOverdue id=qemu/100 name=web-1"],
  ],
  [
    "replication_failing",
    [
      "ProxmoxReplicationFailing guest=qemu/100 id=100-0 node=pve1",
      "ProxmoxReplicationLate guest=qemu/100 id=100-0 node=pve1",
    ],
  ],
  [
    "zfs_degraded",
    [
      "ProxmoxZfsDeviceErrors device=/dev/disk/by-id/ata-SAMSUNG_MZ7L3480HCHQ-00A07_S2DBF4B5EACE5E-part3 node=pve1 pool=rpool",
      "ProxmoxZfsPoolDegraded node=pve1 pool=rpool",
      "ProxmoxZfsRedundancyLost node=pve1 pool=rpool vdev=mirror-0",
    ],
  ],
  [
    "disk_failing",
    [
      "ProxmoxDiskUnhealthy device=/dev/sda disk=S2DBF4B5EACE5E model=SAMSUNG_MZ7L3480HCHQ-00A07 node=pve1",
      "ProxmoxDiskWornOut device=/dev/sda disk=S2DBF4B5EACE5E model=SAMSUNG_MZ7L3480HCHQ-00A07 node=pve1",
    ],
  ],
  ["ha_error", ["ProxmoxHaServiceError id=qemu/100 name=web-1 node=pve1"]],
  ["ceph_warning", ["ProxmoxCephOsdDown", "ProxmoxCephWarning"]],
  ["locked_guest", ["ProxmoxGuestLocked id=qemu/101 name=db-2 node=pve2"]],
  ["guest_renamed", []],
  ["vmid_reused", []],
];

describeReal("the conditions of the alerts for Proxmox VE", ["prometheus"], () => {
  let prometheus: AlertConditions;

  beforeAll(async () => {
    prometheus = await startAlertConditions(proxmoxAlerts);
  });
  afterAll(() => prometheus.stop());

  const see = async (lab: ProxmoxLab, cluster: string): Promise<void> => {
    const token = lab.createToken({ role: "PVEAuditor", privileges: PRIVILEGES });
    await prometheus.see(await openTarget(lab, { token, more: { smart: true } }), cluster);
  };

  it("do not hold in a healthy cluster", async () => {
    await see(await startLab({ qdevice: true }), "healthy");
    expect(await prometheus.holding("healthy")).toEqual(ALWAYS);
  });

  it.each(SCENARIOS)("hold as they should after %s", async (name, expected) => {
    const lab = await startLab({ qdevice: true, timing: { proxyTimeoutMs: 500, stallMs: 500 } });
    ageOlderBackups(lab.state);
    await see(lab, name);
    await lab.scenarios[name].run(lab);
    await see(lab, name);
    expect(await prometheus.holding(name)).toEqual([...ALWAYS, ...expected].toSorted());
  });

  it("hold for a guest that does not run though it shall, and for storages that are full", async () => {
    const lab = await startLab({ qdevice: true });
    const guest = lab.state.guests.find(
      ({ onboot, status, lock }) => onboot && status === "running" && lock === undefined,
    );
    const full = lab.state.storages.filter(({ content }) => content.includes("images"));
    Object.assign(guest ?? {}, { status: "stopped" });
    for (const place of full.flatMap(({ onNodes }) => Object.values(onNodes))) place.used = 0.97 * place.total;
    lab.touch();
    await see(lab, "by-hand");
    const places = [
      "node=pve1 storage=local-zfs",
      "node=pve2 storage=local-zfs",
      "node=pve3 storage=local-zfs",
      "storage=nfs",
    ];
    const storages = places.flatMap((place) => [`ProxmoxStorageFilling ${place}`, `ProxmoxStorageFull ${place}`]);
    const stopped = "ProxmoxGuestStopped id=qemu/100 name=web-1 node=pve1";
    expect(await prometheus.holding("by-hand")).toEqual([...ALWAYS, ...storages, stopped].toSorted());
  });
});
