import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { trueNasAlerts } from "../../src/collectors/truenas/alerts.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { printPromql } from "../../src/core/promql-print.ts";
import type { TrueNasRelease, TrueNasScenarioName } from "../../src/lab/truenas/contract.ts";
import { openTrueNasLab } from "../contract/truenas-fixtures.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { pollTarget } from "../helpers/poll-target.ts";
import { startPrometheus, type PrometheusServer } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** What the lab has of its own accord while nothing happens to it. */
const ALWAYS = [
  "TrueNasPoolWithoutRedundancy pool=scratch",
  "TrueNasTaskDisabled kind=snapshot name=tank/vault task_id=5",
];

/** What each scenario adds: the conditions that hold, with what they are about, whatever the alert waits for. */
const SCENARIOS: readonly (readonly [TrueNasScenarioName, readonly string[]])[] = [
  ["detached_mirror", ["TrueNasPoolRedundancyLost class=data pool=tank vdev=sda"]],
  [
    "removed_disk",
    [
      "TrueNasDiskVanished model=ST16000NM001G serial=ZR5A1B07",
      "TrueNasPoolDeviceOffline class=data disk=sdh guid=11383141080907532974 pool=backup vdev=raidz2-0",
      "TrueNasPoolUnhealthy pool=backup status=DEGRADED",
      "TrueNasVdevDegraded class=data pool=backup vdev=raidz2-0",
    ],
  ],
  [
    "resilver",
    [
      "TrueNasPoolDeviceOffline class=data disk=sdd guid=11383136682861020130 pool=tank vdev=mirror-1",
      "TrueNasPoolRedundancyLost class=data pool=tank vdev=mirror-1",
      "TrueNasPoolUnhealthy pool=tank status=DEGRADED",
    ],
  ],
  [
    "spare_in_use",
    [
      "TrueNasPoolDeviceOffline class=data disk=sdb guid=11383130085791250864 pool=tank vdev=mirror-0",
      "TrueNasPoolUnhealthy pool=tank status=DEGRADED",
      "TrueNasSpareInUse pool=tank",
    ],
  ],
  [
    "device_errors",
    [
      "TrueNasPoolDeviceErrors class=data disk=sda guid=11383133384326135497 pool=tank vdev=mirror-0",
      "TrueNasPoolUnhealthy pool=tank status=ONLINE",
    ],
  ],
  [
    "suspended_pool",
    [
      "TrueNasPoolDeviceOffline class=data disk=sdl guid=11383145478954045818 pool=scratch vdev=sdl",
      "TrueNasPoolSuspended pool=scratch",
      "TrueNasPoolUnhealthy pool=scratch status=SUSPENDED",
    ],
  ],
  ["unimported_pool", ["TrueNasPoolNotImported pool=backup"]],
  ["scrub_paused", ["TrueNasPoolScrubPaused pool=tank"]],
  ["pool_nearly_full", ["TrueNasPoolFull pool=tank", "TrueNasPoolNearlyFull pool=tank"]],
  [
    "disk_hot",
    ["TrueNasDiskHot disk=nvme0n1 medium=nvme serial=PHLJ91100", "TrueNasDiskHot disk=sda medium=hdd serial=ZR5A1B00"],
  ],
  ["disk_silent", ["TrueNasDiskSilent disk=sdb serial=ZR5A1B01"]],
  [
    "disk_vanished",
    [
      "TrueNasDiskVanished model=ST16000NM001G serial=ZR5A1B06",
      "TrueNasPoolDeviceOffline class=data disk=sdg guid=11383135583349391919 pool=backup vdev=raidz2-0",
      "TrueNasPoolUnhealthy pool=backup status=DEGRADED",
      "TrueNasVdevDegraded class=data pool=backup vdev=raidz2-0",
    ],
  ],
  ["dataset_locked", ["TrueNasDatasetLocked dataset=tank/vault pool=tank"]],
  [
    "dataset_over_quota",
    [
      "TrueNasDatasetQuotaNearlyFull dataset=tank/home pool=tank",
      "TrueNasDatasetQuotaNearlyFull dataset=tank/projects pool=tank",
    ],
  ],
  ["task_failed", ["TrueNasTaskFailed kind=replication name=home to offsite task_id=1"]],
  ["task_held", ["TrueNasTaskHeld kind=replication name=tank to backup task_id=3"]],
  [
    "task_late",
    [
      "TrueNasSnapshotsStale dataset=tank/home kind=snapshot pool=tank task_id=1",
      "TrueNasTaskLate kind=replication name=home to offsite task_id=1",
      "TrueNasTaskLate kind=snapshot name=tank/home task_id=1",
    ],
  ],
  ["snapshots_stopped", ["TrueNasSnapshotsStale dataset=tank/home kind=snapshot pool=tank task_id=1"]],
  ["cloud_sync_failed", ["TrueNasTaskFailed kind=cloud_sync name=photos to the cloud task_id=1"]],
  ["app_crashed", ["TrueNasAppCrashed app=immich"]],
  ["service_stopped", ["TrueNasServiceStopped service=cifs"]],
  [
    "native_alert",
    [
      "TrueNasNativeCritical class=ApplicationsStartFailed level=CRITICAL",
      "TrueNasNativeCritical class=Sensor level=CRITICAL",
      "TrueNasNativeWarning class=NTPHealthCheck level=WARNING",
    ],
  ],
  ["reboot_required", ["TrueNasRebootRequired"]],
  ["update_available", ["TrueNasUpgradeRemovesApi api=rest used_by=democratic-csi version=26.0.0"]],
  ["rest_client", ["TrueNasRestClients"]],
  ["ups_on_battery", ["TrueNasUpsOnBattery"]],
  ["key_expires", ["TrueNasApiKeyExpiring key=watchkeeper username=watchkeeper"]],
  ["certificate_expires", ["TrueNasCertificateExpiring certificate=letsencrypt common_name=nas.example.org"]],
];

describeReal("the conditions of the alerts for TrueNAS", ["prometheus"], () => {
  let app: FastifyInstance;
  let prometheus: PrometheusServer;
  let text = "";
  let generation = 0;

  beforeAll(async () => {
    app = Fastify();
    app.get("/metrics", async (_, reply) => reply.type("text/plain; version=0.0.4").send(text));
    const host = new URL(await app.listen({ host: "127.0.0.1", port: 0 })).host;
    // two Watchkeepers poll the same server
    const job = (job_name: string) => ({ job_name, static_configs: [{ targets: [host] }] });
    prometheus = await startPrometheus({ config: { scrape_configs: [job("one"), job("two")] } });
  });
  afterAll(async () => {
    await prometheus.stop();
    await app.close();
  });

  /** Polls the server, and waits until Prometheus has what was found from both. */
  async function see(target: OpenTarget, name: string): Promise<void> {
    const { series } = await pollTarget(target);
    generation += 1;
    const lines = [...series].map(([key, value]) => `${withTarget(key, name)} ${value}\n`);
    text = `${lines.join("")}generation ${generation}\n`;
    await waitUntil(
      "both have been scraped",
      async () => (await prometheus.query(`generation == ${generation}`)).length === 2,
    );
  }

  async function conditions(target: string): Promise<readonly string[]> {
    const found = await Promise.all(
      trueNasAlerts.map(async ({ name, when }) =>
        (await prometheus.query(printPromql(when.node)))
          .filter(({ labels }) => labels["target"] === target)
          .map(({ labels }) => told(name, labels)),
      ),
    );
    return found.flat().toSorted();
  }

  it.each<TrueNasRelease>(["24.10", "25.04", "25.10", "26"])("do not hold for a healthy %s", async (release) => {
    const { target } = await openTrueNasLab({ release });
    await see(target, release);
    // a storage driver that needs REST has its volumes there, and 26 has none
    const driver = release === "26" ? ["TrueNasUpgradeRemovesApi api=rest used_by=democratic-csi version=26.0.0"] : [];
    expect(await conditions(release)).toEqual([...ALWAYS, ...driver]);
  });

  it.each(SCENARIOS)("hold as they should after %s", async (name, expected) => {
    const { lab, target } = await openTrueNasLab();
    await see(target, name);
    await lab.scenarios[name].run(lab);
    await see(target, name);
    expect(await conditions(name)).toEqual([...ALWAYS, ...expected].toSorted());
  });

  // the end of the newest scrub goes on only, so that it has to be old from the beginning
  it("hold for a pool whose last scrub was long ago", async () => {
    const { lab, target } = await openTrueNasLab();
    await lab.scenarios.old_scrub.run(lab);
    await see(target, "old_scrub");
    expect(await conditions("old_scrub")).toEqual([...ALWAYS, "TrueNasPoolScrubOverdue pool=backup"].toSorted());
  });

  it("hold for an interface that is unplugged, as soon as the server tells of it", async () => {
    const { lab, target } = await openTrueNasLab();
    await see(target, "interface_down");
    await lab.scenarios.interface_down.run(lab);
    const expected = [...ALWAYS, "TrueNasInterfaceDown interface=eno2"].toSorted();
    await waitUntil("the server has told of it", async () => {
      await see(target, "interface_down");
      return (await conditions("interface_down")).length === expected.length;
    });
    expect(await conditions("interface_down")).toEqual(expected);
  });

  it("hold for a server that is gone, and not for what was on it", async () => {
    const { lab, target } = await openTrueNasLab();
    await see(target, "gone");
    await lab.stop();
    await see(target, "gone");
    expect(await conditions("gone")).toEqual(["TrueNasDown"]);
  });
});

const withTarget = (series: string, target: string): string =>
  series.includes("{") ? series.replace("{", `{target="${target}",`) : `${series}{target="${target}"}`;

/** The alert and what it is about, such as `TrueNasDiskSilent disk=sdb serial=S1`. */
function told(name: string, labels: Readonly<Record<string, string>>): string {
  const { target: _, ...rest } = labels;
  return [
    name,
    ...Object.entries(rest)
      .map(([label, value]) => `${label}=${value}`)
      .toSorted(),
  ].join(" ");
}
