import { access, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type SQLite from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import { createDeliveryStore } from "../delivery-store.ts";
import { migrate } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import { Ballast } from "./ballast.ts";
import { openDatabaseFile } from "./database-file.ts";
import { SqliteEngine } from "./sqlite-engine.ts";

const RESERVE = 64 * 1024;

async function open() {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-engine-"));
  const file = join(folder, "watchkeeper.db");
  const reserve = `${file}.reserve`;
  const database = await openDatabaseFile(file);
  const engine = new SqliteEngine({ file, database, ballast: new Ballast(reserve, RESERVE) });
  await migrate(engine.db, { store: file, migrations });
  const store = createDeliveryStore(engine);
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  return { database, store, reserve };
}

/** SQLite refuses to let a database grow beyond so many pages just as it does on a full disk. */
function fill(database: SQLite.Database): () => void {
  const pages = Number(database.pragma("page_count", { simple: true }));
  database.pragma(`max_page_count = ${pages + 2}`);
  return () => void database.pragma(`max_page_count = 1000000`);
}

const notification = (i: number) => ({
  inbound: { source: "main", contentHash: `h${i}`, receivedAt: 0, body: "x".repeat(20_000) },
  changes: [],
});

describe("a disk that is full", () => {
  it("makes writes fail in words and change nothing, until there is room again", async () => {
    const { database, store } = await open();
    await store.changeGroups([notification(0)]);
    expect(store.isWritable()).toBe(true);
    const makeRoom = fill(database);
    const error: unknown = await store
      .changeGroups([notification(1), notification(2)])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(String(error)).toContain("disk is full: make room, it goes on by itself (SQLITE_FULL)");
    expect(store.isWritable()).toBe(false);
    expect(await store.heartbeats()).toEqual(new Map());
    makeRoom();
    const works = [notification(0), notification(1), notification(2)];
    expect((await store.changeGroups(works)).map(({ isCopy }) => isCopy)).toEqual([true, false, false]);
    expect(store.isWritable()).toBe(true);
  });

  it("has a reserve that is not for what is new, but for what was accepted", async () => {
    const { database, store, reserve } = await open();
    await store.changeGroups([notification(0)]);
    expect((await stat(reserve)).size).toBe(RESERVE);
    const makeRoom = fill(database);
    await expect(store.changeGroups([notification(1)])).rejects.toThrow(StoreUnavailable);
    await access(reserve);
    const remember = () => store.changeDestination("x".repeat(50_000), (state) => ({ ...state, failures: 1 }));
    await expect(remember()).rejects.toThrow(StoreUnavailable);
    await expect(access(reserve)).rejects.toThrow("ENOENT");
    makeRoom();
    await remember();
    expect(await store.destinations()).toHaveLength(1);
    // there is room, so that it is kept back again
    expect((await stat(reserve)).size).toBe(RESERVE);
    expect(store.isWritable()).toBe(true);
  });
});
