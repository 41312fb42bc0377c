import type { MemoryKey } from "../client.ts";
import { readNamingSchema } from "../tasks/naming-schema.ts";
import { pagesOf } from "./snapshot-pages.ts";
import { poolOf, type SnapshotRow, type SnapshotSource } from "./snapshot-source.ts";

/** More news than so many answers hold are not asked for: it takes less to look for the newest ones alone. */
const MOST_NEWS = 3;
/**
 * After so long every dataset's newest snapshot is looked for again: equal counts may hide one that went and one that
 * came.
 */
const CHECK_SECONDS = 3_600;

/** The newest snapshot of some kind; `at` (Unix seconds) is null when the server was asked for it and did not tell. */
interface Newest {
  readonly txg: number;
  readonly at: number | null | undefined;
}

interface Known {
  count: number;
  newest: Newest | undefined;
  /** By naming schema of a task. */
  readonly made: Map<string, Newest | undefined>;
  /** Unread: its snapshots must all be listed. Doubtful: its newest one may be gone. */
  trust: "unread" | "doubtful" | "sure";
}

/** A dataset as it is shown. */
export interface CountedDataset {
  readonly dataset: string;
  readonly count: number;
  readonly newestAt: number | undefined;
}

/**
 * How many snapshots each dataset has, and when the newest was made, without the names of any. Counts come from the
 * server; what is new since the last look is asked for by transaction group; and where count and news do not agree,
 * something was destroyed, so that the newest is looked for again.
 */
export class SnapshotMemory {
  /** Naming schemas by dataset whose newest snapshot is wanted too. */
  #wanted: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  readonly #known = new Map<string, Known>();
  /** Highest transaction group seen, by pool. */
  readonly #highest = new Map<string, number>();
  #checkedAt = 0;
  #readAt: number | undefined;

  /** Says which snapshots are wanted beside the newest of all: by dataset, those that have a name of these schemas. */
  want(wanted: ReadonlyMap<string, ReadonlySet<string>>): void {
    this.#wanted = wanted;
  }

  /** When the newest snapshot of the schema was made; undefined when there is none, or nobody looked since `since`. */
  newestMade(dataset: string, schema: string, since: number): number | undefined {
    if (this.#readAt === undefined || this.#readAt < since) return undefined;
    return this.#known.get(dataset)?.made.get(schema)?.at ?? undefined;
  }

  /** All datasets that are known. */
  *counted(): Generator<CountedDataset> {
    for (const [dataset, { count, newest }] of this.#known) yield { dataset, count, newestAt: newest?.at ?? undefined };
  }

  /** Looks at the server. `isLeftOut` tells which datasets are of no interest. Throws `CollectError`. */
  async update(source: SnapshotSource, now: number, isLeftOut: (dataset: string) => boolean): Promise<void> {
    const all = await source.counts();
    const counts = new Map([...all].filter(([dataset]) => !isLeftOut(dataset) || this.#wanted.has(dataset)));
    for (const dataset of this.#known.keys()) if (!counts.has(dataset)) this.#known.delete(dataset);
    const added = await this.#readNews(source, counts);
    for (const [dataset, count] of counts) this.#compare(dataset, count, added.get(dataset) ?? 0);
    if (now - this.#checkedAt >= CHECK_SECONDS) this.#doubtAll();
    await this.#check(source);
    await this.#readAll(source);
    await this.#date(source);
    if (now - this.#checkedAt >= CHECK_SECONDS) this.#checkedAt = now;
    this.#readAt = now;
  }

  /** Asks each pool for what was made since the last look; gives how many of them there are by dataset. */
  async #readNews(source: SnapshotSource, counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const added = new Map<string, number>();
    const pools = new Set([...counts.keys()].map(poolOf));
    for (const pool of this.#highest.keys()) if (!pools.has(pool)) this.#highest.delete(pool);
    for (const [pool, highest] of this.#highest) {
      if (this.#growth(pool, counts) > MOST_NEWS * source.mostRows) continue;
      const rows = await source.list({ of: pool, minTxg: highest + 1, dated: true });
      // Some may be known from a look that came between: those are no news.
      const news = rows.filter(({ dataset, txg }) => txg > (this.#known.get(dataset)?.newest?.txg ?? 0));
      for (const row of news) {
        added.set(row.dataset, (added.get(row.dataset) ?? 0) + 1);
        this.#takeIn(row);
      }
      this.#highest.set(
        pool,
        rows.reduce((most, { txg }) => Math.max(most, txg), highest),
      );
    }
    return added;
  }

  #growth(pool: string, counts: ReadonlyMap<string, number>): number {
    let growth = 0;
    for (const [dataset, count] of counts)
      if (poolOf(dataset) === pool) growth += Math.max(0, count - (this.#known.get(dataset)?.count ?? 0));
    return growth;
  }

  #takeIn(row: SnapshotRow): void {
    const known = this.#known.get(row.dataset);
    if (known === undefined) return;
    const newest: Newest = { txg: row.txg, at: row.createdAt ?? null };
    if (row.txg > (known.newest?.txg ?? 0)) known.newest = newest;
    for (const [schema, made] of known.made)
      if (row.txg > (made?.txg ?? 0) && isOfSchema(schema, row.name)) known.made.set(schema, newest);
  }

  #compare(dataset: string, count: number, added: number): void {
    const known = this.#known.get(dataset) ?? { count: 0, newest: undefined, made: new Map(), trust: "unread" };
    this.#known.set(dataset, known);
    if (known.trust === "sure" && count !== known.count + added) known.trust = "doubtful";
    known.count = count;
    const wanted = this.#wanted.get(dataset) ?? new Set();
    for (const schema of known.made.keys()) if (!wanted.has(schema)) known.made.delete(schema);
    if ([...wanted].some((schema) => !known.made.has(schema))) known.trust = "unread";
    if (count === 0) this.#setRows(known, dataset, []);
  }

  #doubtAll(): void {
    for (const known of this.#known.values()) if (known.trust === "sure" && known.count > 0) known.trust = "doubtful";
  }

  /** Looks whether the newest snapshots that are known are still there. */
  async #check(source: SnapshotSource): Promise<void> {
    for (const known of this.#known.values())
      if (known.trust === "doubtful" && (known.newest === undefined || known.made.size > 0)) known.trust = "unread";
    for (const items of this.#byPool(({ trust }) => trust === "doubtful")) {
      const dated = items.map((item) => ({ ...item, txg: item.known.newest?.txg ?? 0 }));
      dated.sort((a, b) => b.txg - a.txg);
      for (const page of pagesOf(dated, source.mostRows, expectedRows)) {
        const minTxg = Math.min(...page.map(({ txg }) => txg));
        const rows = await source.list({ of: page.map(({ dataset }) => dataset), minTxg, dated: false });
        const newest = newestBy(rows);
        for (const { dataset, known } of page) {
          const found = newest.get(dataset);
          known.trust = found === undefined ? "unread" : "sure";
          if (found !== undefined && found !== known.newest?.txg) known.newest = { txg: found, at: undefined };
        }
      }
    }
  }

  /** Lists all snapshots of the datasets that are not known well. */
  async #readAll(source: SnapshotSource): Promise<void> {
    for (const items of this.#byPool(({ trust }) => trust === "unread")) {
      for (const page of pagesOf(items, source.mostRows, countSum)) {
        const rows = await source.list({ of: page.map(({ dataset }) => dataset), dated: false });
        const byDataset = Map.groupBy(rows, ({ dataset }) => dataset);
        for (const { dataset, known } of page) this.#setRows(known, dataset, byDataset.get(dataset) ?? []);
      }
    }
    for (const [dataset, { newest }] of this.#known) {
      const pool = poolOf(dataset);
      this.#highest.set(pool, Math.max(this.#highest.get(pool) ?? 0, newest?.txg ?? 0));
    }
  }

  #setRows(known: Known, dataset: string, rows: readonly SnapshotRow[]): void {
    known.trust = "sure";
    known.newest = renewed(known.newest, rows);
    for (const schema of this.#wanted.get(dataset) ?? []) {
      const made = rows.filter(({ name }) => isOfSchema(schema, name));
      known.made.set(schema, renewed(known.made.get(schema), made));
    }
  }

  /** Asks when the snapshots were made that are the newest and have no time yet. */
  async #date(source: SnapshotSource): Promise<void> {
    for (const items of this.#byPool(isUndated)) {
      const asked = items.flatMap((item) => undatedOf(item.known).map((txg) => ({ ...item, txg })));
      asked.sort((a, b) => b.txg - a.txg);
      for (const page of pagesOf(asked, source.mostRows, expectedRows)) {
        const txgs = page.map(({ txg }) => txg);
        const datasets = [...new Set(page.map(({ dataset }) => dataset))];
        const bounds = { minTxg: Math.min(...txgs), maxTxg: Math.max(...txgs) };
        const rows = await source.list({ of: datasets, ...bounds, dated: true });
        const times = new Map(rows.map(({ dataset, txg, createdAt }) => [`${dataset}@${txg}`, createdAt ?? null]));
        for (const { dataset, known, txg } of page) setTime(known, txg, times.get(`${dataset}@${txg}`));
      }
    }
  }

  #byPool(isMeant: (known: Known) => boolean): Iterable<Item[]> {
    const items = [...this.#known].flatMap(([dataset, known]) =>
      known.count > 0 && isMeant(known) ? [{ dataset, known }] : [],
    );
    return Map.groupBy(items, ({ dataset }) => poolOf(dataset)).values();
  }
}

/** The server's snapshots, from poll to poll. */
export const SNAPSHOT_MEMORY: MemoryKey<SnapshotMemory> = { create: () => new SnapshotMemory() };

interface Item {
  readonly dataset: string;
  readonly known: Known;
}

const countSum = (page: readonly Item[]): number => page.reduce((sum, { known }) => sum + known.count, 0);

/** Of one transaction group a dataset has one snapshot at most; between two there may be any number. */
function expectedRows(page: readonly (Item & { readonly txg: number })[]): number {
  return page[0]?.txg === page.at(-1)?.txg ? page.length : countSum(page);
}

function newestBy(rows: readonly SnapshotRow[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { dataset, txg } of rows) newest.set(dataset, Math.max(newest.get(dataset) ?? 0, txg));
  return newest;
}

/** Keeps the time of a snapshot that was the newest before. */
function renewed(known: Newest | undefined, rows: readonly SnapshotRow[]): Newest | undefined {
  const txg = rows.reduce((most, row) => Math.max(most, row.txg), 0);
  if (txg === 0) return undefined;
  return known?.txg === txg ? known : { txg, at: undefined };
}

const isUndated = (known: Known): boolean => undatedOf(known).length > 0;

const undatedOf = ({ newest, made }: Known): readonly number[] => [
  ...new Set(
    [newest, ...made.values()].flatMap((each) => (each !== undefined && each.at === undefined ? [each.txg] : [])),
  ),
];

/** A snapshot that is not there any more is looked for anew at the next poll. */
function setTime(known: Known, txg: number, at: number | null | undefined): void {
  if (at === undefined) {
    known.trust = "unread";
    return;
  }
  if (known.newest?.txg === txg) known.newest = { txg, at };
  for (const [schema, made] of known.made) if (made?.txg === txg) known.made.set(schema, { txg, at });
}

/** Schemas that tasks have: few, and asked for at every new snapshot. */
const schemas = new Map<string, ReturnType<typeof readNamingSchema>>();

function isOfSchema(schema: string, name: string): boolean {
  if (!schemas.has(schema)) {
    if (schemas.size > 1_000) schemas.clear();
    schemas.set(schema, readNamingSchema(schema));
  }
  return schemas.get(schema)?.(name) ?? false;
}
