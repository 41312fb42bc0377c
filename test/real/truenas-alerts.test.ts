import { afterAll, beforeAll, expect, it } from "vitest";
import { trueNasAlerts } from "../../src/collectors/truenas/alerts.ts";
import type { TrueNasRelease, TrueNasScenarioName } from "../../src/lab/truenas/contract.ts";
import { openTrueNasLab } from "../contract/truenas-fixtures.ts";
import { startAlertConditions, type AlertConditions } from "../helpers/alert-conditions.ts";
import { describeReal } from "../helpers/describe-real.ts";
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
  let prometheus: AlertConditions;

  beforeAll(async () => {
    prometheus = await startAlertConditions(trueNasAlerts);
  });
  afterAll(() => prometheus.stop());

  it.each<TrueNasRelease>(["24.10", "25.04", "25.10", "26"])("do not hold for a healthy %s", async (release) => {
    const { target } = await openTrueNasLab({ release });
    await prometheus.see(target, release);
    // a storage driver that needs REST has its volumes there, and 26 has none
    const driver = release === "26" ? ["TrueNasUpgradeRemovesApi api=rest used_by=democratic-csi version=26.0.0"] : [];
    expect(await prometheus.holding(release)).toEqual([...ALWAYS, ...driver]);
  });

  it.each(SCENARIOS)("hold as they should after %s", async (name, expected) => {
    const { lab, target } = await openTrueNasLab();
    await prometheus.see(target, name);
    await lab.scenarios[name].run(lab);
    await prometheus.see(target, name);
    expect(await prometheus.holding(name)).toEqual([...ALWAYS, ...expected].toSorted());
  });

  // the end of the newest scrub goes on only, so that it has to be old from the beginning
  it("hold for a pool whose last scrub was long ago", async () => {
    const { lab, target } = await openTrueNasLab();
    await lab.scenarios.old_scrub.run(lab);
    await prometheus.see(target, "old_scrub");
    expect(await prometheus.holding("old_scrub")).toEqual(
      [...ALWAYS, "TrueNasPoolScrubOverdue pool=backup"].toSorted(),
    );
  });

  it("hold for an interface that is unplugged, as soon as the server tells of it", async () => {
    const { lab, target } = await openTrueNasLab();
    await prometheus.see(target, "interface_down");
    await lab.scenarios.interface_down.run(lab);
    const expected = [...ALWAYS, "TrueNasInterfaceDown interface=eno2"].toSorted();
    await waitUntil("the server has told of it", async () => {
      await prometheus.see(target, "interface_down");
      return (await prometheus.holding("interface_down")).length === expected.length;
    });
    expect(await prometheus.holding("interface_down")).toEqual(expected);
  });

  it("hold for a server that is gone, and not for what was on it", async () => {
    const { lab, target } = await openTrueNasLab();
    await prometheus.see(target, "gone");
    await lab.stop();
    await prometheus.see(target, "gone");
    expect(await prometheus.holding("gone")).toEqual(["TrueNasDown"]);
  });
});
