import { describe, expect, it } from "vitest";
import type { TrueNasLab, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES = ["24.10", "25.04", "25.10", "26"] as const satisfies readonly TrueNasRelease[];
const PARTS = ["pools", "disks", "datasets"];
const DAY = 86_400;
const GIB = 1024 ** 3;

const value = ({ series }: Polled, text: string): number | undefined => series.get(text);
const keysOf = ({ series }: Polled, part: string): string[] => [...series.keys()].filter((text) => text.includes(part));
/** Values by the label `vdev` of the vdevs of one pool. */
const byVdev = (polled: Polled, metric: string, pool: string): Record<string, number> =>
  Object.fromEntries(
    keysOf(polled, `${metric}{pool="${pool}"`).map((key) => [
      /vdev="([^"]*)"/.exec(key)?.[1] ?? "",
      value(polled, key) ?? NaN,
    ]),
  );

/** What a scenario leads to; of the parts that it is about. */
async function after(
  name: keyof TrueNasLab["scenarios"],
  { release = "25.10", only = PARTS }: { release?: TrueNasRelease; only?: readonly string[] } = {},
): Promise<{ readonly lab: TrueNasLab; readonly polled: Polled; readonly before: Polled; again(): Promise<Polled> }> {
  const { lab, target } = await openTrueNasLab({ release });
  const before = await pollTarget(target, only);
  await lab.scenarios[name].run(lab);
  return { lab, before, polled: await pollTarget(target, only), again: () => pollTarget(target, only) };
}

describe.each(RELEASES)("a healthy server of %s", (release) => {
  it("has pools, disks and datasets, all of them read", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const polled = await pollTarget(target, PARTS);
    expect(polled.errors).toEqual({});
    expect(valuesBy(polled, "truenas_pool_imported", "pool")).toEqual({
      tank: 1,
      backup: 1,
      scratch: 1,
      "boot-pool": 1,
    });
    expect(valuesBy(polled, "truenas_pool_redundancy_disks", "pool")).toEqual({
      tank: 1,
      backup: 2,
      scratch: 0,
      "boot-pool": 1,
    });
    expect(byVdev(polled, "truenas_vdev_redundancy_full_disks", "tank")).toEqual({
      "mirror-0": 1,
      "mirror-1": 1,
      "mirror-2": 1,
    });
    expect(byVdev(polled, "truenas_vdev_redundancy_full_disks", "scratch")).toEqual({ sdl: 0 });
    expect(new Set(Object.values(valuesBy(polled, "truenas_vdev_online", "vdev")))).toEqual(new Set([1]));
    expect(value(polled, 'truenas_pool_spares_available{pool="tank"}')).toBe(1);
    expect(value(polled, 'truenas_pool_fragmentation_ratio{pool="tank"}')).toBe(0.12);
    expect(value(polled, 'truenas_pool_autotrim{pool="scratch"}')).toBe(1);
    expect(value(polled, 'truenas_pool_usable_available_bytes{pool="scratch"}')).toBe(Math.round(1.4 * 1024 ** 4));
    expect(lab.now() - (value(polled, 'truenas_pool_last_scrub_timestamp_seconds{pool="tank"}') ?? 0)).toBeCloseTo(
      6 * DAY,
      -2,
    );
    expect(valuesBy(polled, "truenas_pool_never_scrubbed", "pool")).toEqual({
      tank: 0,
      backup: 0,
      scratch: 1,
      "boot-pool": 0,
    });
    expect(valuesBy(polled, "truenas_pool_scrub_scheduled", "pool")).toEqual({ tank: 1, backup: 1, scratch: 0 });
    expect(keysOf(polled, 'status_code="FEAT_DISABLED"')).toHaveLength(1);
    expect(keysOf(polled, 'role="boot"')).toHaveLength(1);
  });

  it("tells slow requests and self tests where its API has them", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    await lab.scenarios.device_errors.run(lab);
    const polled = await pollTarget(target, PARTS);
    const slow = keysOf(polled, "truenas_pool_device_slow_ios_total");
    const tests = Object.values(valuesBy(polled, "truenas_disk_self_test_passed", "disk"));
    expect(slow.map((key) => value(polled, key)).filter((count) => count === 9)).toHaveLength(release === "26" ? 1 : 0);
    expect(slow.length > 0).toBe(release === "26");
    expect(tests.length > 0).toBe(release === "24.10" || release === "25.04");
    expect(tests.every((passed) => passed === 1)).toBe(true);
  });

  it("has a temperature for each disk that does not sleep, by medium", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const polled = await pollTarget(target, ["disks"]);
    const media = keysOf(polled, "truenas_disk_info").map((key) => /medium="(\w+)"/.exec(key)?.[1]);
    const counted = Map.groupBy(media, String);
    expect(["hdd", "ssd", "nvme", "unknown"].map((medium) => counted.get(medium)?.length)).toEqual([
      12,
      3,
      4,
      undefined,
    ]);
    const temperatures = valuesBy(polled, "truenas_disk_temperature_celsius", "disk");
    expect(Object.keys(temperatures)).toHaveLength(lab.state.storage.disks.length - 1);
    expect(temperatures["sdo"]).toBeUndefined();
    expect(keysOf(polled, 'disk="sdo"').length).toBeGreaterThan(0);
    expect(temperatures["nvme3n1"]).toBe(44);
  });

  it("has datasets with their bounds and keys, and counts what is left out", async () => {
    const { target } = await openTrueNasLab({ release });
    const polled = await pollTarget(target, ["datasets"]);
    const of = (metric: string, dataset: string) =>
      value(polled, `truenas_dataset_${metric}{pool="${dataset.split("/")[0]}",dataset="${dataset}"}`);
    expect(of("quota_bytes", "tank/home")).toBe(800 * GIB);
    expect(of("refquota_bytes", "tank/projects")).toBe(500 * GIB);
    expect(of("quota_bytes", "tank/media")).toBeUndefined();
    expect(of("volume_size_bytes", "tank/vm-disk")).toBe(100 * GIB);
    expect(of("volume_size_bytes", "tank/home")).toBeUndefined();
    expect(of("compression_ratio", "tank/home")).toBe(1.71);
    expect(of("encrypted", "tank/secret/papers")).toBe(1);
    expect(of("locked", "tank/secret/papers")).toBe(0);
    expect(of("encrypted", "tank/home")).toBe(0);
    expect(of("locked", "tank/home")).toBeUndefined();
    expect(of("referenced_bytes", "tank/home")).toBe(378 * GIB);
    // what a clone shares with its origin is not told before 25.10
    const isOld = release === "24.10" || release === "25.04";
    expect(of("referenced_bytes", "tank/k8s/nfs/restored")).toBe(isOld ? undefined : 3 * GIB);
    expect(value(polled, 'truenas_csi_volumes{pool="tank",driver="democratic-csi"}')).toBe(5);
    expect(value(polled, 'truenas_datasets{pool="tank",type="volume"}')).toBe(3);
  });
});

describe.each(RELEASES)("the pools of %s", (release) => {
  const only = ["pools"];

  it("show a mirror that lost a disk by a detach, although all is ONLINE", async () => {
    const { polled } = await after("detached_mirror", { release, only });
    expect(byVdev(polled, "truenas_vdev_redundancy_disks", "tank")).toEqual({ sda: 0, "mirror-1": 1, "mirror-2": 1 });
    expect(byVdev(polled, "truenas_vdev_redundancy_full_disks", "tank")).toEqual({
      sda: 1,
      "mirror-1": 1,
      "mirror-2": 1,
    });
    expect(value(polled, 'truenas_pool_healthy{pool="tank"}')).toBe(1);
    expect(value(polled, 'truenas_pool_redundancy_disks{pool="tank"}')).toBe(0);
  });

  it.each(["removed_disk", "disk_vanished"] as const)("keep the series of a disk that is gone (%s)", async (name) => {
    const { before, polled } = await after(name, { release, only });
    expect(value(polled, 'truenas_pool_redundancy_disks{pool="backup"}')).toBe(1);
    const online = keysOf(polled, 'truenas_pool_device_online{pool="backup"');
    expect(online).toEqual(keysOf(before, 'truenas_pool_device_online{pool="backup"'));
    expect(online.map((key) => value(polled, key)).toSorted()).toEqual([0, 1, 1, 1, 1, 1]);
  });

  it("do not count a disk that is being resilvered, and remember the scrub that the resilver hides", async () => {
    const { lab, before, polled, again } = await after("resilver", { release, only });
    expect(byVdev(polled, "truenas_vdev_redundancy_disks", "tank")).toMatchObject({ "mirror-0": 1, "mirror-1": 0 });
    expect(value(polled, 'truenas_pool_resilvering{pool="tank"}')).toBe(1);
    expect(value(polled, 'truenas_pool_scrubbing{pool="tank"}')).toBe(0);
    expect(value(polled, 'truenas_pool_scan_progress_ratio{pool="tank"}')).toBeCloseTo(0.37);
    const scrub = 'truenas_pool_last_scrub_timestamp_seconds{pool="tank"}';
    expect(value(polled, scrub)).toBe(value(before, scrub));
    expect(keysOf(polled, 'disk="sdo"').length).toBeGreaterThan(0);
    const scan = lab.state.storage.pools[0]?.scan;
    if (scan !== undefined) Object.assign(scan, { state: "FINISHED", endedAt: lab.now(), percentage: 100 });
    const done = await again();
    expect(byVdev(done, "truenas_vdev_redundancy_disks", "tank")).toMatchObject({ "mirror-1": 1 });
    expect(value(done, scrub)).toBe(value(before, scrub));
    expect(value(done, 'truenas_pool_scan_progress_ratio{pool="tank"}')).toBeUndefined();
  });

  it("do not count a spare that a sequential resilver fills, of which no scan tells", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    await pollTarget(target, only);
    await lab.scenarios.spare_in_use.run(lab);
    const [rebuilt] = lab.state.storage.pools;
    if (rebuilt !== undefined) rebuilt.statusCode = "REBUILDING";
    const filling = await pollTarget(target, only);
    expect(byVdev(filling, "truenas_vdev_redundancy_disks", "tank")).toMatchObject({ "mirror-0": 0, "mirror-1": 1 });
    expect(value(filling, 'truenas_pool_resilvering{pool="tank"}')).toBe(1);
    if (rebuilt !== undefined) rebuilt.statusCode = "FAULTED_DEV_R";
    expect(byVdev(await pollTarget(target, only), "truenas_vdev_redundancy_disks", "tank")).toMatchObject({
      "mirror-0": 1,
    });
  });

  it("show a spare that stands in", async () => {
    const { polled } = await after("spare_in_use", { release, only });
    expect(value(polled, 'truenas_pool_spares_in_use{pool="tank"}')).toBe(1);
    expect(value(polled, 'truenas_pool_spares_available{pool="tank"}')).toBe(0);
    expect(value(polled, 'truenas_pool_redundancy_disks{pool="tank"}')).toBe(1);
    expect(value(polled, 'truenas_vdev_online{pool="tank",class="spare",vdev="sde"}')).toBe(1);
  });

  it("count the errors of a disk", async () => {
    const { polled } = await after("device_errors", { release, only });
    const errors = keysOf(
      polled,
      'truenas_pool_device_errors_total{pool="tank",class="data",vdev="mirror-0",disk="sda"',
    );
    expect(Object.fromEntries(errors.map((key) => [/kind="(\w+)"/.exec(key)?.[1], value(polled, key)]))).toEqual({
      read: 4,
      write: 0,
      checksum: 17,
    });
  });

  it("tell of a suspended pool", async () => {
    const { before, polled } = await after("suspended_pool", { release, only });
    expect(valuesBy(before, "truenas_pool_suspended", "pool")).toMatchObject({ scratch: 0, tank: 0 });
    expect(valuesBy(polled, "truenas_pool_suspended", "pool")).toMatchObject({ scratch: 1, tank: 0 });
  });

  it("tell nothing but that it is missing of a pool that is not imported", async () => {
    const { polled } = await after("unimported_pool", { release, only });
    expect(keysOf(polled, 'pool="backup"').map((key) => key.split("{")[0])).toEqual([
      "truenas_pool_info",
      "truenas_pool_imported",
    ]);
    expect(value(polled, 'truenas_pool_imported{pool="backup"}')).toBe(0);
    expect(value(polled, 'truenas_pool_imported{pool="tank"}')).toBe(1);
  });

  it("tell of scrubs that are old or paused", async () => {
    const old = await after("old_scrub", { release, only });
    const ended = value(old.polled, 'truenas_pool_last_scrub_timestamp_seconds{pool="backup"}') ?? 0;
    expect((old.lab.now() - ended) / DAY).toBeCloseTo(60, 1);
    const { before, polled } = await after("scrub_paused", { release, only });
    expect(value(before, 'truenas_pool_scrub_paused{pool="tank"}')).toBeUndefined();
    expect(value(polled, 'truenas_pool_scrub_paused{pool="tank"}')).toBe(1);
    expect(value(polled, 'truenas_pool_scrubbing{pool="tank"}')).toBe(1);
    const scrub = 'truenas_pool_last_scrub_timestamp_seconds{pool="tank"}';
    expect(value(polled, scrub)).toBe(value(before, scrub));
  });
});

describe("scenarios of space, disks and datasets", () => {
  it("show a pool that is nearly full", async () => {
    const { polled } = await after("pool_nearly_full", { only: ["pools"] });
    const [used, available] = ["used", "available"].map(
      (word) => value(polled, `truenas_pool_usable_${word}_bytes{pool="tank"}`) ?? 0,
    );
    expect((used ?? 0) / ((used ?? 0) + (available ?? 0))).toBeGreaterThan(0.9);
  });

  it("show hot disks, and one that no longer answers", async () => {
    const hot = valuesBy(
      (await after("disk_hot", { only: ["disks"] })).polled,
      "truenas_disk_temperature_celsius",
      "disk",
    );
    expect(hot).toMatchObject({ sda: 61, nvme0n1: 79 });
    const { polled } = await after("disk_silent", { only: ["disks"] });
    expect(valuesBy(polled, "truenas_disk_temperature_celsius", "disk")["sdb"]).toBeUndefined();
    expect(valuesBy(polled, "truenas_disk_temperature_readable", "disk")).toMatchObject({ sda: 1, sdb: 0 });
  });

  it("show no disk that has vanished", async () => {
    const { before, polled } = await after("disk_vanished", { only: ["disks"] });
    expect(keysOf(before, 'truenas_disk_info{disk="sdg"')).toHaveLength(1);
    expect(keysOf(polled, 'disk="sdg"')).toEqual([]);
  });

  it("show a locked dataset and full ones", async () => {
    const locked = await after("dataset_locked", { only: ["datasets"] });
    expect(valuesBy(locked.polled, "truenas_dataset_locked", "dataset")).toMatchObject({
      "tank/vault": 1,
      "tank/secret": 0,
    });
    const { polled } = await after("dataset_over_quota", { only: ["datasets"] });
    const [used, quota] = ["used", "quota"].map(
      (word) => valuesBy(polled, `truenas_dataset_${word}_bytes`, "dataset")["tank/home"],
    );
    expect((used ?? 0) / (quota ?? 1)).toBeCloseTo(0.99);
  });
});
