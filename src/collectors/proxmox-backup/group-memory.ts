import type { SnapshotRow } from "./schema.ts";

/** Names one backup group of a server; `namespace` is empty for the root. */
interface GroupName {
  readonly datastore: string;
  readonly namespace: string;
  readonly backup_type: string;
  readonly backup_id: string;
}

/** A group as the list of its namespace has it. Times are Unix seconds. */
export interface ListedGroup extends GroupName {
  readonly lastBackup: number | undefined;
  readonly count: number | undefined;
  readonly owner: string | undefined;
}

/** What the snapshots of a group tell. Times are Unix seconds, sizes bytes. */
export interface GroupDetails {
  readonly lastGood: number | undefined;
  readonly lastSize: number | undefined;
  readonly lastVerified: boolean | undefined;
  /** Median of the newest gaps between backups, in seconds. */
  readonly usualInterval: number | undefined;
  readonly unverified: number;
  readonly oldestUnverified: number | undefined;
  readonly failed: number;
  readonly comment: string | undefined;
}

interface Remembered {
  readonly details: GroupDetails;
  readonly lastBackup: number | undefined;
  readonly count: number | undefined;
  /** When the datastore's last verify job had ended; undefined as long as the jobs were not read. */
  verifiedAt: number | undefined;
  /** The number of the poll that read the snapshots. */
  readonly readIn: number;
  /** The number of the last poll that listed the group. */
  listedIn: number;
}

/** With a poll every quarter of an hour: each group is read once a day even when its list says nothing new. */
const POLLS_PER_ROUND = 96;
const MAX_READS = 500;

/** Reads a group's snapshots: those without a size are unfinished or can not be read, and are none of a backup. */
export function summarize(snapshots: readonly SnapshotRow[]): GroupDetails {
  const newestFirst = snapshots.toSorted((a, b) => b["backup-time"] - a["backup-time"]);
  const finished = newestFirst.filter(({ size }) => size !== undefined);
  const newest = newestFirst[0];
  const unverified = finished.filter((snapshot) => isVerified(snapshot) === undefined);
  return {
    lastGood: finished.find((snapshot) => isVerified(snapshot) !== false)?.["backup-time"],
    lastSize: newest?.size,
    lastVerified: newest === undefined ? undefined : isVerified(newest),
    usualInterval: usualInterval(newestFirst.map((snapshot) => snapshot["backup-time"])),
    unverified: unverified.length,
    oldestUnverified: unverified.at(-1)?.["backup-time"],
    failed: finished.filter((snapshot) => isVerified(snapshot) === false).length,
    comment: newest?.comment,
  };
}

/** Pruning thins out what is old, so that only the newest gaps show the schedule; two are needed to see one. */
const GAPS = 5;

function usualInterval(newestFirst: readonly number[]): number | undefined {
  const times = newestFirst.slice(0, GAPS + 1);
  const gaps = times.slice(1).map((time, i) => (times[i] ?? time) - time);
  return gaps.length < 2 ? undefined : gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
}

const isVerified = ({ verification }: SnapshotRow): boolean | undefined =>
  verification?.state === "ok" ? true : verification?.state === "failed" ? false : undefined;

/**
 * Remembers what the snapshots of each group told, so that a poll reads those of few groups: of the ones whose list
 * shows another newest backup or number of backups, of those of a datastore whose verify job ended since, and of the
 * ones that were not read for longest.
 */
export class GroupMemory {
  readonly #remembered = new Map<string, Remembered>();
  #poll = 0;

  /** Begins a poll: gives the groups whose snapshots are to be read now, the most urgent first. */
  plan(groups: readonly ListedGroup[], verifiedAt: ReadonlyMap<string, number>): readonly ListedGroup[] {
    this.#poll += 1;
    const ranked = groups.map((group) => ({ group, ...this.#rank(group, verifiedAt.get(group.datastore)) }));
    const ordered = ranked.toSorted((a, b) => a.rank - b.rank || a.readIn - b.readIn);
    this.#forget();
    const urgent = ordered.filter(({ rank }) => rank !== ROUTINE).length;
    const routine = Math.ceil(groups.length / POLLS_PER_ROUND);
    return ordered.slice(0, Math.min(urgent + routine, MAX_READS)).map(({ group }) => group);
  }

  #rank(group: ListedGroup, verifiedAt: number | undefined): { rank: number; readIn: number } {
    const known = this.#remembered.get(keyOf(group));
    if (known === undefined) return { rank: NEW, readIn: 0 };
    known.listedIn = this.#poll;
    known.verifiedAt ??= verifiedAt;
    const { readIn } = known;
    if (known.lastBackup !== group.lastBackup || known.count !== group.count) return { rank: NEW, readIn };
    return { rank: known.verifiedAt === verifiedAt ? ROUTINE : VERIFIED, readIn };
  }

  /** A namespace may fail for a while: what was read of its groups is kept for a round. */
  #forget(): void {
    for (const [key, { listedIn }] of this.#remembered)
      if (listedIn < this.#poll - POLLS_PER_ROUND) this.#remembered.delete(key);
  }

  /** Keeps what a group's snapshots told. */
  keep(group: ListedGroup, details: GroupDetails, verifiedAt: number | undefined): void {
    const { lastBackup, count } = group;
    this.#remembered.set(keyOf(group), {
      details,
      lastBackup,
      count,
      verifiedAt,
      readIn: this.#poll,
      listedIn: this.#poll,
    });
  }

  /** What is known of a group; undefined while its newest backup was not read. */
  of(group: ListedGroup): GroupDetails | undefined {
    const known = this.#remembered.get(keyOf(group));
    return known !== undefined && known.lastBackup === group.lastBackup ? known.details : undefined;
  }
}

const [NEW, VERIFIED, ROUTINE] = [0, 1, 2] as const;

const keyOf = ({ datastore, namespace, backup_type, backup_id }: GroupName): string =>
  JSON.stringify([datastore, namespace, backup_type, backup_id]);
