import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { proxmoxAlerts } from "../../src/collectors/proxmox/alerts.ts";
import { printPromql } from "../../src/core/promql-print.ts";
import type { ProxmoxLab, ProxmoxScenarioName } from "../../src/lab/proxmox/contract.ts";
import { openTarget, startLab } from "../contract/proxmox-target.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { pollTarget } from "../helpers/poll-target.ts";
import { startPrometheus, type PrometheusServer } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

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
  let app: FastifyInstance;
  let prometheus: PrometheusServer;
  let text = "";
  let generation = 0;

  beforeAll(async () => {
    app = Fastify();
    app.get("/metrics", async (_, reply) => reply.type("text/plain; version=0.0.4").send(text));
    const host = new URL(await app.listen({ host: "127.0.0.1", port: 0 })).host;
    // two Watchkeepers poll the same cluster
    const job = (job_name: string) => ({ job_name, static_configs: [{ targets: [host] }] });
    prometheus = await startPrometheus({ config: { scrape_configs: [job("one"), job("two")] } });
  });
  afterAll(async () => {
    await prometheus.stop();
    await app.close();
  });

  /** Polls the cluster, and waits until Prometheus has what was found from both. */
  async function see(lab: ProxmoxLab, cluster: string): Promise<void> {
    const token = lab.createToken({ role: "PVEAuditor", privileges: PRIVILEGES });
    const target = await openTarget(lab, { token, more: { smart: true } });
    const { series } = await pollTarget(target);
    generation += 1;
    const lines = [...series].map(([name, value]) => `${withTarget(name, cluster)} ${value}\n`);
    text = `${lines.join("")}generation ${generation}\n`;
    await waitUntil(
      "both have been scraped",
      async () => (await prometheus.query(`generation == ${generation}`)).length === 2,
    );
  }

  async function conditions(cluster: string): Promise<readonly string[]> {
    const found = await Promise.all(
      proxmoxAlerts.map(async ({ name, when }) =>
        (await prometheus.query(printPromql(when.node)))
          .filter(({ labels }) => labels["target"] === cluster)
          .map(({ labels }) => told(name, labels)),
      ),
    );
    return found.flat().toSorted();
  }

  it("do not hold in a healthy cluster", async () => {
    await see(await startLab({ qdevice: true }), "healthy");
    expect(await conditions("healthy")).toEqual(ALWAYS);
  });

  it.each(SCENARIOS)("hold as they should after %s", async (name, expected) => {
    const lab = await startLab({ qdevice: true, timing: { proxyTimeoutMs: 500, stallMs: 500 } });
    await see(lab, name);
    await lab.scenarios[name].run(lab);
    await see(lab, name);
    expect(await conditions(name)).toEqual([...ALWAYS, ...expected].toSorted());
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
    expect(await conditions("by-hand")).toEqual([...ALWAYS, ...storages, stopped].toSorted());
  });
});

const withTarget = (series: string, target: string): string =>
  series.includes("{") ? series.replace("{", `{target="${target}",`) : `${series}{target="${target}"}`;

/** The alert and what it is about, such as `ProxmoxGuestStopped id=qemu/100 name=web node=pve1`. */
function told(name: string, labels: Readonly<Record<string, string>>): string {
  const { target: _, ...rest } = labels;
  return [
    name,
    ...Object.entries(rest)
      .map(([label, value]) => `${label}=${value}`)
      .toSorted(),
  ].join(" ");
}
