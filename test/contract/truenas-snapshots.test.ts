import { describe, expect, it } from "vitest";
import type { TrueNasLab, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { destroySnapshots, takeSnapshot, type LabSnapshot } from "../../src/lab/truenas/model/snapshots.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const COUNT = "truenas_dataset_snapshots";
const NEWEST = "truenas_dataset_newest_snapshot_timestamp_seconds";
const RELEASES: readonly TrueNasRelease[] = ["24.10", "25.04", "25.10", "26"];

const counts = (polled: Polled) => valuesBy(polled, COUNT, "dataset");
const newest = (polled: Polled) => valuesBy(polled, NEWEST, "dataset");
const listOf = ({ state }: TrueNasLab, dataset: string): readonly LabSnapshot[] =>
  state.tasks.snapshots.get(dataset) ?? [];
const newestOf = (lab: TrueNasLab, dataset: string): number | undefined => listOf(lab, dataset).at(-1)?.createdAt;

/** Datasets that have series of their own. */
function shown({ state }: TrueNasLab): readonly string[] {
  return state.storage.datasets.map(({ id }) => id).filter((id) => !/\/(\.system|ix-apps)/.test(id));
}

/** What a poll should have found, and what it found. */
const truth = (lab: TrueNasLab): object => ({
  errors: {},
  counts: Object.fromEntries(shown(lab).map((id) => [id, listOf(lab, id).length])),
  newest: Object.fromEntries(
    shown(lab).flatMap((id) => (newestOf(lab, id) === undefined ? [] : [[id, newestOf(lab, id)]])),
  ),
});
const found = (polled: Polled): object => ({ errors: polled.errors, counts: counts(polled), newest: newest(polled) });

describe.each(RELEASES)("snapshots of TrueNAS %s", (release) => {
  it("counts those of every dataset, and knows when the newest was made", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    expect(found(await pollTarget(target, ["snapshots"]))).toEqual(truth(lab));
  });

  it("follows what is taken, destroyed and rolled back", async () => {
    const { lab, target } = await openTrueNasLab({ release, datasets: 20 });
    const poll = () => pollTarget(target, ["snapshots"]);
    const { snapshots } = lab.state.tasks;
    expect(found(await poll())).toEqual(truth(lab));
    takeSnapshot(snapshots, ["tank/home", "tank/k8s", "tank/bulk/dataset-00003"], "now", Math.floor(lab.now()));
    expect(found(await poll())).toEqual(truth(lab));
    destroySnapshots(snapshots, "tank/home", (_, i) => i === 0);
    destroySnapshots(snapshots, "tank/projects", (_, i) => i > 5);
    destroySnapshots(snapshots, "tank/k8s", () => true);
    expect(found(await poll())).toEqual(truth(lab));
    await lab.scenarios.snapshots_stopped.run(lab);
    expect(found(await poll())).toEqual(truth(lab));
  });

  it("sends the list once, and then only what is new", async () => {
    const { lab, target } = await openTrueNasLab({ release, datasets: 300, snapshotsPerDataset: 50 });
    const sent = async (): Promise<number> => {
      const before = lab.stats.bytesSent;
      expect(found(await pollTarget(target, ["snapshots"]))).toEqual(truth(lab));
      return lab.stats.bytesSent - before;
    };
    const first = await sent();
    const quiet = await sent();
    takeSnapshot(lab.state.tasks.snapshots, ["tank/home", "tank/bulk/dataset-00003"], "now", Math.floor(lab.now()));
    const some = await sent();
    expect(first).toBeGreaterThan(1_000_000);
    expect(quiet).toBeLessThan(first / 10);
    expect(some - quiet).toBeLessThan(2_000);
  });
});

describe("snapshots", () => {
  it("are left out of datasets that the configuration leaves out", async () => {
    const { open } = await openTrueNasLab();
    const target = await open({ datasets: { exclude: ["tank/k8s/*", "backup*"] } });
    const known = Object.keys(counts(await pollTarget(target, ["snapshots"])));
    expect(known).toContain("tank/k8s");
    expect(known.filter((name) => /^(tank\/k8s\/|backup)/.test(name))).toEqual([]);
  });

  it("of datasets that are gone, or that have none, have no time", async () => {
    const { lab, target } = await openTrueNasLab();
    await pollTarget(target, ["snapshots"]);
    lab.state.storage.datasets.splice(
      lab.state.storage.datasets.findIndex(({ id }) => id === "tank/projects"),
      1,
    );
    destroySnapshots(lab.state.tasks.snapshots, "tank/home", () => true);
    const polled = await pollTarget(target, ["snapshots"]);
    expect(counts(polled)).toMatchObject({ "tank/home": 0 });
    expect(Object.keys(counts(polled))).not.toContain("tank/projects");
    expect(Object.keys(newest(polled))).not.toContain("tank/home");
  });

  it("need roles, and say so", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setRoles(["DATASET_READ"]);
    const { errors, series } = await pollTarget(target, ["snapshots"]);
    expect(errors["snapshots"]?.map(({ reason }) => reason)).toEqual(["forbidden"]);
    expect(series.size).toBe(0);
  });

  it.each(["nulls", "wrong_types"] as const)("that are told as %s are unknown", async (kind) => {
    const { lab, target } = await openTrueNasLab();
    const reasons: unknown[] = [];
    for (const method of ["pool.snapshot.query", "pool.dataset.query"]) {
      lab.setSocketFault({ kind, method });
      const polled = await pollTarget(target, ["snapshots"]);
      expect(Object.values(newest(polled)).filter((value) => value < 1e9)).toEqual([]);
      expect(Object.values(counts(polled)).filter((value) => !(value >= 0))).toEqual([]);
      reasons.push(polled.errors["snapshots"]?.[0]?.reason);
      lab.setSocketFault(undefined);
    }
    expect(reasons[1]).toBe("unexpected_shape");
    expect(found(await pollTarget(target, ["snapshots"]))).toEqual(truth(lab));
  });

  it("whose dates come in another form are read all the same", async () => {
    const { lab, target } = await openTrueNasLab({ release: "25.04" });
    lab.setSocketFault({ kind: "plain_dates" });
    expect(found(await pollTarget(target, ["snapshots"]))).toEqual(truth(lab));
  });
});
