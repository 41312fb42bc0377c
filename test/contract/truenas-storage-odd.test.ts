import { describe, expect, it } from "vitest";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const PARTS = ["pools", "disks", "datasets"];

const value = ({ series }: Polled, text: string): number | undefined => series.get(text);
const keysOf = ({ series }: Polled, part: string): string[] => [...series.keys()].filter((text) => text.includes(part));

describe("odd answers about storage", () => {
  it("leave out the datasets that the configuration excludes, and count them all the same", async () => {
    const { open } = await openTrueNasLab();
    const polled = await pollTarget(await open({ datasets: { exclude: ["tank/k8s/*", "backup*"] } }), ["datasets"]);
    const shown = Object.keys(valuesBy(polled, "truenas_dataset_used_bytes", "dataset"));
    expect(shown).toContain("tank/k8s");
    expect(shown.filter((id) => id.startsWith("tank/k8s/") || id.startsWith("backup"))).toEqual([]);
    expect(value(polled, 'truenas_datasets{pool="backup",type="filesystem"}')).toBe(3);
  });

  it("with serials that are empty or twice there keep each disk's series apart", async () => {
    const { lab, target } = await openTrueNasLab();
    const [first, second, third, fourth] = lab.state.storage.disks;
    for (const disk of [first, second]) if (disk !== undefined) disk.serial = "SAME";
    for (const disk of [third, fourth]) if (disk !== undefined) disk.serial = "";
    if (fourth !== undefined) fourth.temperature = null;
    const polled = await pollTarget(target, ["disks"]);
    expect(polled.outcomes).toEqual({ disks: "success" });
    expect(keysOf(polled, 'truenas_disk_info{disk="sda",serial="SAME"')).toHaveLength(1);
    expect(keysOf(polled, 'truenas_disk_info{disk="sdb",serial="SAME"')).toHaveLength(1);
    expect(keysOf(polled, 'truenas_disk_temperature_celsius{disk="sdc",serial=""')).toHaveLength(1);
    expect(keysOf(polled, 'truenas_disk_temperature_readable{disk="sdd"')).toEqual([]);
  });

  const asked = [
    "pool.query",
    "boot.get_state",
    "pool.dataset.query",
    "pool.scrub.query",
    "disk.query",
    "disk.temperatures",
  ];
  const broken = asked.flatMap((method) => (["nulls", "wrong_types"] as const).map((kind) => ({ method, kind })));

  it.each(broken)("with $kind in $method never lead to another value or a fault of ours", async ({ method, kind }) => {
    const { lab, target } = await openTrueNasLab();
    const before = await pollTarget(target, PARTS);
    lab.setSocketFault({ kind, method });
    const polled = await pollTarget(target, PARTS);
    const changed = [...polled.series].filter(([key, now]) => before.series.has(key) && before.series.get(key) !== now);
    expect(changed).toEqual([]);
    const reasons = Object.values(polled.errors).flatMap((errors) => errors.map(({ reason }) => reason));
    expect(reasons).not.toContain("internal");
  });

  it("with dates as plain texts and numbers are the same", async () => {
    const { lab, target } = await openTrueNasLab();
    const before = await pollTarget(target, ["pools"]);
    lab.setSocketFault({ kind: "plain_dates" });
    expect((await pollTarget(target, ["pools"])).series).toEqual(before.series);
  });

  it("show hostile names as they are", async () => {
    const { lab, target } = await openTrueNasLab();
    const hostile = 'a"b\\c\nd é\u202e';
    const [pool] = lab.state.storage.pools;
    if (pool !== undefined) pool.name = hostile;
    const polled = await pollTarget(target, ["pools"]);
    expect(value(polled, `truenas_pool_imported{pool=${JSON.stringify(hostile)}}`)).toBe(1);
  });

  it("without a permission for one piece leave the others", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setRoles(["POOL_READ"]);
    const polled = await pollTarget(target, ["pools"]);
    expect(polled.outcomes).toEqual({ pools: "success" });
    expect(value(polled, 'truenas_pool_healthy{pool="tank"}')).toBe(1);
    expect(keysOf(polled, "truenas_pool_usable")).toEqual([]);
    expect(polled.errors["pools"]?.map(({ piece, reason }) => [piece, reason])).toEqual([
      ["boot pool", "forbidden"],
      ["space of the root datasets", "forbidden"],
    ]);
  });
});

describe("a server with 2,000 datasets", () => {
  it("answers with what is read and little more", async () => {
    const { lab, target } = await openTrueNasLab({ datasets: 2_000 });
    await pollTarget(target, ["pools"]);
    const before = lab.stats.bytesSent;
    const polled = await pollTarget(target, ["datasets"]);
    expect(Object.keys(valuesBy(polled, "truenas_dataset_used_bytes", "dataset")).length).toBeGreaterThan(2_000);
    expect(lab.stats.bytesSent - before).toBeLessThan(2_100 * 500);
  });
});
