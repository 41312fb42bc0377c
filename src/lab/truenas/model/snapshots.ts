import { autoName, lastHour, lastTimeAt } from "./tasks-times.ts";

const HOUR = 3_600;
const DAY = 86_400;

/** A snapshot; `name` is what comes after `@`. */
export interface LabSnapshot {
  readonly name: string;
  /** Transaction group of its creation: grows with time, one row of them for each pool. */
  readonly txg: number;
  readonly createdAt: number;
}

/**
 * The snapshots of every dataset that has any, oldest first. Datasets may share one list, so that it is replaced and
 * never changed.
 */
export type LabSnapshots = Map<string, readonly LabSnapshot[]>;

/** One every five seconds, as ZFS makes them when there is little to write. */
const txgAt = (at: number): number => Math.floor((at - 1_500_000_000) / 5);

const series = (count: number, newest: number, step: number, name = autoName): readonly LabSnapshot[] =>
  Array.from({ length: count }, (_, i) => {
    const createdAt = newest - (count - 1 - i) * step;
    return { name: name(createdAt), txg: txgAt(createdAt + 1), createdAt: createdAt + 1 };
  });

/** Those of the story, and those of the bulk datasets, which all have the same. */
export function createSnapshots(
  now: number,
  { datasets, snapshotsPerDataset }: { readonly datasets: number; readonly snapshotsPerDataset: number },
): LabSnapshots {
  const hourly = series(14 * 24, lastHour(now), HOUR);
  const daily = series(30, lastTimeAt(now, 0), DAY);
  const snapshots: LabSnapshots = new Map([
    ["tank/home", hourly],
    ["tank/projects", daily],
    ["tank/secret", series(14, lastTimeAt(now, 1), DAY)],
    ["tank/media", series(2, lastTimeAt(now, 3) - 20 * DAY, 7 * DAY, () => "").map(named)],
    ["tank/k8s/nfs/pvc-0c1d7a52", [{ name: "snapshot-1", txg: txgAt(now - 40 * DAY), createdAt: now - 40 * DAY }]],
    ["backup/tank", daily],
  ]);
  if (datasets === 0) return snapshots;
  const bulk = series(snapshotsPerDataset, lastHour(now), HOUR);
  snapshots.set("tank/bulk", bulk);
  for (let i = 0; i < datasets; i++) snapshots.set(`tank/bulk/dataset-${String(i).padStart(5, "0")}`, bulk);
  return snapshots;
}

const named = (snapshot: LabSnapshot, i: number): LabSnapshot => ({ ...snapshot, name: `before-move-${i + 1}` });

/** Takes a snapshot in these datasets at once, as a recursive task does. */
export function takeSnapshot(snapshots: LabSnapshots, datasets: readonly string[], name: string, at: number): void {
  const taken = { name, txg: Math.max(txgAt(at), newestTxg(snapshots) + 1), createdAt: at };
  for (const dataset of datasets) snapshots.set(dataset, [...(snapshots.get(dataset) ?? []), taken]);
}

/** Destroys the snapshots of a dataset that `isGone` picks. */
export function destroySnapshots(
  snapshots: LabSnapshots,
  dataset: string,
  isGone: (snapshot: LabSnapshot, index: number) => boolean,
): void {
  snapshots.set(
    dataset,
    (snapshots.get(dataset) ?? []).filter((snapshot, index) => !isGone(snapshot, index)),
  );
}

function newestTxg(snapshots: LabSnapshots): number {
  let newest = 0;
  for (const list of snapshots.values()) newest = Math.max(newest, list.at(-1)?.txg ?? 0);
  return newest;
}
