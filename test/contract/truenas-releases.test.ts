import { describe, expect, it } from "vitest";
import { trueNasCollector } from "../../src/collectors/truenas/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { TrueNasLab, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { destroySnapshots, takeSnapshot } from "../../src/lab/truenas/model/snapshots.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

// What holds of every release alike; what they differ in is in the tests of each part.
const RELEASES: readonly TrueNasRelease[] = ["24.10", "25.04", "25.10", "26"];
const PARTS = trueNasCollector.parts.map(({ id }) => id);
const TIB = 1024 ** 4;

/** What is another at each look, or grows with it. */
const MOVING = /^truenas_(clock_offset|boot_timestamp|session_|load|shown_certificate)/;
const still = ({ series }: Polled): ReadonlyMap<string, number> =>
  new Map([...series].filter(([text]) => !MOVING.test(text)));

/** Series by the beginning of their text. */
const of = ({ series }: Polled, beginning: string): ReadonlyMap<string, number> =>
  new Map([...series].filter(([text]) => text.startsWith(beginning)));

/** All parts at once, as the service does it. */
async function pollAtOnce(target: OpenTarget): Promise<Polled> {
  const polled = await Promise.all(PARTS.map((id) => pollTarget(target, [id])));
  return {
    series: new Map(polled.flatMap(({ series }) => [...series])),
    errors: Object.assign({}, ...polled.map(({ errors }) => errors)) as Polled["errors"],
    outcomes: Object.assign({}, ...polled.map(({ outcomes }) => outcomes)) as Polled["outcomes"],
  };
}

/** The third look, at which each part knows what it learns from another. */
async function settled(target: OpenTarget): Promise<Polled> {
  for (let i = 0; i < 2; i++) await pollAtOnce(target);
  const polled = await pollAtOnce(target);
  expect(polled.errors).toEqual({});
  return polled;
}

const listOf = ({ state }: TrueNasLab, dataset: string) => state.tasks.snapshots.get(dataset) ?? [];

describe.each(RELEASES)("TrueNAS %s", (release) => {
  it("is read without an error, all parts at once, by one login and never more than eight calls", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const { outcomes } = await settled(target);
    expect(outcomes).toEqual(Object.fromEntries(PARTS.map((id) => [id, "success"])));
    expect(lab.stats.sockets).toBe(1);
    expect(lab.stats.mostAtOnce).toBeLessThanOrEqual(8);
  });

  it("is shown as it is", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const polled = await settled(target);
    expect([...of(polled, "truenas_version_info").keys()].join()).toContain(`version="${release}`);
    expect(polled.series.get("truenas_up")).toBe(1);
    const usable = ["used", "available"].map((kind) => valuesBy(polled, `truenas_pool_usable_${kind}_bytes`, "pool"));
    expect(usable.map((byPool) => Object.keys(byPool).toSorted())).toEqual(
      Array.from({ length: 2 }, () => ["backup", "scratch", "tank"]),
    );
    expect(usable.map(({ tank }) => tank)).toEqual([5.2 * TIB, 5.6 * TIB].map(Math.round));
    expect(valuesBy(polled, "truenas_pool_size_bytes", "pool")["tank"]).toBe(24e12);
    expect(valuesBy(polled, "truenas_pool_redundancy_disks", "pool")).toEqual({
      tank: 1,
      backup: 2,
      scratch: 0,
      "boot-pool": 1,
    });
    const temperatures = valuesBy(polled, "truenas_disk_temperature_celsius", "disk");
    const awake = lab.state.storage.disks.filter(({ standby }) => standby === "ALWAYS ON");
    expect(temperatures).toEqual(Object.fromEntries(awake.map(({ name, temperature }) => [name, temperature])));
    expect(of(polled, "truenas_task_last_run_success").size).toBe(10);
    expect(new Set(of(polled, "truenas_task_last_run_success").values())).toEqual(new Set([1]));
    expect(of(polled, "truenas_native_alerts{").size).toBe(0);
    expect(valuesBy(polled, "truenas_dataset_snapshots", "dataset")["tank/home"]).toBe(listOf(lab, "tank/home").length);
  });

  it("tells what has happened to it, and of nothing else", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const before = still(await settled(target));
    for (const name of ["detached_mirror", "task_failed", "disk_hot", "native_alert"] as const)
      await lab.scenarios[name].run(lab);
    const taken = Math.floor(lab.now());
    takeSnapshot(lab.state.tasks.snapshots, ["tank/k8s"], "by-hand", taken);
    destroySnapshots(lab.state.tasks.snapshots, "tank/projects", (_, index) => index < 3);
    const polled = await settled(target);
    expect(valuesBy(polled, "truenas_pool_redundancy_disks", "pool")["tank"]).toBe(0);
    expect(valuesBy(polled, "truenas_vdev_redundancy_full_disks", "vdev")).toMatchObject({ sda: 1 });
    expect([...of(polled, 'truenas_pool_info{pool="tank"').keys()].join()).toContain('status="ONLINE"');
    expect([...of(polled, 'truenas_task_last_run_success{kind="replication",task_id="1"').values()]).toEqual([0]);
    expect(valuesBy(polled, "truenas_disk_temperature_celsius", "disk")).toMatchObject({ sda: 61, nvme0n1: 79 });
    expect(of(polled, 'truenas_native_alerts{class="Sensor"')).toEqual(
      new Map([['truenas_native_alerts{class="Sensor",level="CRITICAL",severity="critical"}', 2]]),
    );
    expect([...of(polled, "truenas_native_alerts{").keys()].join()).not.toContain("SMBLegacyProtocol");
    expect(valuesBy(polled, "truenas_dataset_snapshots", "dataset")).toMatchObject({
      "tank/k8s": 1,
      "tank/projects": listOf(lab, "tank/projects").length,
    });
    expect(valuesBy(polled, "truenas_dataset_newest_snapshot_timestamp_seconds", "dataset")["tank/k8s"]).toBe(taken);
    const changed = [...still(polled)].filter(([text, value]) => before.get(text) !== value).map(([text]) => text);
    const isExpected = (text: string): boolean =>
      /pool="tank",class="data",vdev="sda"|^truenas_pool_redundancy_disks\{pool="tank"|^truenas_native_alerts/.test(
        text,
      ) ||
      /^truenas_task_last_run\w*\{kind="replication",task_id="1"|temperature_celsius\{disk="(sda|nvme0n1)"/.test(
        text,
      ) ||
      /^truenas_dataset_(newest_)?snapshot\w*\{pool="tank",dataset="tank\/(k8s|projects)"/.test(text) ||
      text.startsWith('truenas_disk_info{disk="sdb"');
    expect(changed.filter((text) => !isExpected(text))).toEqual([]);
  });

  it("is asked anew for what it told a change of, and not before", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const poll = () => pollTarget(target, ["apps", "alerts"]);
    const asked = () => ["app.query", "alert.list"].map((method) => lab.stats.calls.get(method) ?? 0);
    /** What was asked so far, once polls ask no more. */
    const askedUntilQuiet = (): Promise<readonly number[]> =>
      waitUntil("nothing is asked any more", async () => {
        const before = asked();
        await poll();
        return asked().join() === before.join() && before;
      });
    const quiet = await askedUntilQuiet();
    for (let i = 0; i < 3; i++) await poll();
    expect(asked()).toEqual(quiet);
    await lab.scenarios.app_crashed.run(lab);
    await lab.scenarios.native_alert.run(lab);
    await waitUntil("the change is seen", async () => {
      const polled = await poll();
      const crashed = Object.values(valuesBy(polled, "truenas_app_crashed", "app"));
      return crashed.includes(1) && of(polled, "truenas_native_alerts{").size > 0;
    });
    const after = await askedUntilQuiet();
    expect(after.map((count, i) => count > (quiet[i] ?? 0))).toEqual([true, true]);
  });

  it.each(["endSessions", "dropSockets"] as const)(
    "is read as if nothing had been, when it calls %s in the middle",
    async (loss) => {
      const middle = { reached: () => {} };
      const { lab, target } = await openTrueNasLab({
        release,
        beforeAnswer: async (method) => {
          if (method === "replication.query") middle.reached();
        },
      });
      const before = still(await settled(target));
      const { logins, sockets } = { ...lab.stats };
      let losses = 0;
      middle.reached = () => {
        if (losses++ === 0) lab[loss]();
      };
      const polled = await pollAtOnce(target);
      expect(polled.errors).toEqual({});
      expect(losses).toBe(2);
      expect(still(polled)).toEqual(before);
      expect(lab.stats.sockets).toBe(sockets + 1);
      expect(lab.stats.logins).toBeGreaterThan(logins);
      expect(lab.stats.limited).toBe(0);
    },
  );

  it("says of a wrong key that it is one, once, and shows nothing but that", async () => {
    const { lab, open } = await openTrueNasLab({ release });
    const key = `${lab.apiKey.slice(0, -4)}0000`;
    const { series, errors } = await pollAtOnce(await open({ api_key: key }, {}));
    expect(Object.keys(errors).toSorted()).toEqual(PARTS.toSorted());
    expect(new Set(Object.values(errors).flatMap((seen) => seen.map(({ reason }) => reason)))).toEqual(
      new Set(["unauthorized"]),
    );
    expect(JSON.stringify(errors)).not.toContain(key);
    expect([...series.keys()].filter((text) => !MOVING.test(text))).toEqual(["truenas_up"]);
    expect(series.get("truenas_up")).toBe(0);
    expect(lab.stats.sockets).toBe(1);
  });

  it("hides of a key that lacks two roles their pieces only", async () => {
    const { lab, target, open } = await openTrueNasLab({ release });
    const whole = await settled(target);
    const roles = ["POOL", "DATASET", "SNAPSHOT", "DISK", "REPORTING", "SNAPSHOT_TASK", "CLOUD_SYNC", "CLOUD_BACKUP"];
    const more = ["ALERT_LIST", "APPS", "SYSTEM_GENERAL", "SERVICE", "SYSTEM_UPDATE", "API_KEY"];
    lab.setRoles([...roles, ...more].map((role) => `${role}_READ`));
    const limited = await open();
    for (let i = 0; i < 2; i++) await pollAtOnce(limited);
    const polled = await pollAtOnce(limited);
    const reasons = Object.values(polled.errors).flatMap((seen) => seen.map(({ reason }) => reason));
    expect(new Set(reasons)).toEqual(new Set(["forbidden"]));
    const gone = [...still(whole).keys()].filter((text) => !polled.series.has(text));
    expect(gone.some((text) => text.includes('kind="replication"'))).toBe(true);
    const isExpected = (text: string): boolean =>
      /kind="replication"|^truenas_replication_|^truenas_certificate_|pool="boot-pool"|,pool="boot-pool"/.test(text) ||
      /^truenas_(version_info|memory_total|memory_ecc|processors|upgrade_removes_api)/.test(text);
    expect(gone.filter((text) => !isExpected(text))).toEqual([]);
    for (const [text, value] of still(polled)) expect([text, value]).toEqual([text, whole.series.get(text)]);
  });
});
