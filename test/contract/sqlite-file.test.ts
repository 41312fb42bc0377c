import { mkdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable, StoreUnusable, type DeliveryStore } from "../../src/core/delivery-store.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";
import { change, deliverAll, groupId, tell, work } from "./store-fixtures.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  const temporary = await createTemporaryFolder("sqlite-file");
  onTestFinished(() => temporary.remove());
  folder = temporary.path;
  path = join(folder, "watchkeeper.db");
});

async function open(file = path): Promise<DeliveryStore> {
  const store = await openSqliteStore({ path: file });
  onTestFinished(() => store.close());
  return store;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("the file of the store", () => {
  it("is readable for its owner only, with all that belongs to it", async () => {
    const store = await open();
    await tell(store, ["a"]);
    for (const name of ["", "-wal", "-shm", ".reserve"]) {
      expect((await stat(path + name)).mode & 0o777).toBe(0o600);
    }
  });

  it("needs a folder that is there", async () => {
    const error = await failureOf(open(join(folder, "missing", "watchkeeper.db")));
    expect(error).toBeInstanceOf(StoreUnusable);
    expect(String(error)).toContain(`${join(folder, "missing")} of the database does not exist: create it`);
  });

  it("can be no folder", async () => {
    await mkdir(path);
    const error = await failureOf(open());
    expect(error).toBeInstanceOf(StoreUnusable);
    expect(String(error)).toContain("can not be opened for writing (EISDIR)");
  });

  it("is left as it is when it is another program's", async () => {
    const database = new SQLite(join(folder, "other.db"));
    database.exec("create table notes (x); insert into notes values (1)");
    database.close();
    await writeFile(join(folder, "letter.txt"), "Dear reader, ".repeat(1_000));
    for (const name of ["other.db", "letter.txt"]) {
      const file = join(folder, name);
      const before = await readFile(file);
      const error = await failureOf(open(file));
      expect(error).toBeInstanceOf(StoreUnusable);
      expect(String(error)).toContain("is no database of Watchkeeper");
      expect((await readFile(file)).equals(before)).toBe(true);
    }
  });

  it("that is damaged is said to be", async () => {
    const store = await openSqliteStore({ path, reserveBytes: 0 });
    await tell(
      store,
      Array.from({ length: 200 }, (_, i) => `g${i}`),
    );
    await store.close();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xa5, 4_096 * 2));
    const damaged = await failureOf(open().then((opened) => opened.groups({ openOnly: false, limit: 1_000 })));
    expect(damaged).toBeInstanceOf(StoreUnavailable);
    expect(String(damaged)).toContain("it is damaged: stop Watchkeeper and restore a backup");
  });
});

describe("a database that another process has locked", () => {
  it("is waited for, while everything else goes on", async () => {
    const store = await open();
    await tell(store, ["a"]);
    const other = new SQLite(path);
    other.exec("begin immediate");
    const waiting = [tell(store, ["b"]), tell(store, ["c"])];
    expect(await store.groups({ openOnly: true, limit: 10 })).toHaveLength(1);
    other.exec("commit");
    await Promise.all(waiting);
    expect(await store.groups({ openOnly: true, limit: 10 })).toHaveLength(3);
    other.close();
  });

  it("is given up after a few seconds, and written again when it is free", async () => {
    const store = await open();
    await tell(store, ["a"]);
    const other = new SQLite(path);
    other.exec("begin immediate");
    let turns = 0;
    const clock = setInterval(() => (turns += 1), 50);
    const begun = performance.now();
    const failures = await Promise.all([failureOf(tell(store, ["b"])), failureOf(tell(store, ["c"]))]);
    const lasted = performance.now() - begun;
    clearInterval(clock);
    for (const error of failures) {
      expect(error).toBeInstanceOf(StoreUnavailable);
      expect(String(error)).toContain("locked by another process for too long");
    }
    expect(lasted).toBeGreaterThan(3_000);
    // SQLite's own way of waiting would let it turn hardly ever
    expect(turns).toBeGreaterThan(lasted / 50 / 4);
    expect(store.isWritable()).toBe(false);
    other.exec("commit");
    other.close();
    await tell(store, ["b"]);
    expect(store.isWritable()).toBe(true);
  });
});

const mountReason = await reasonNotToMount();
const mayMount = mountReason === undefined ? {} : { skip: true, meta: { skipReason: mountReason } };
describe("a disk that fills up", mayMount, () => {
  beforeEach(async () => {
    await runProgram("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]);
    onTestFinished(async () => void (await runProgram("umount", ["-l", folder])));
  });
  /** Another program takes what is left, to the last byte. */
  const fill = async (): Promise<void> => {
    await writeFile(join(folder, "last"), Buffer.alloc(24 * 1024 * 1024)).catch(() => undefined);
  };
  const tellWidely = (store: DeliveryStore, i: number): Promise<unknown> =>
    store.changeGroups([work(`h${i}`, [change(`g${i}`, { labels: { wide: "x".repeat(20_000) } })])]);

  it("keeps what is new away, delivers what was accepted, and is used again when there is room", async () => {
    const other = join(folder, "other");
    await writeFile(other, Buffer.alloc(10 * 1024 * 1024));
    const store = await open();
    const accepted: string[] = [];
    let failure: unknown = "no failure";
    for (let i = 0; failure === "no failure"; i++) {
      failure = await failureOf(tellWidely(store, i));
      if (failure === "no failure") accepted.push(`g${i}`);
    }
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(store.isWritable()).toBe(false);
    await fill();

    expect(accepted.length).toBeGreaterThan(100);
    expect(new Set(await deliverAll(store)).size).toBe(accepted.length);
    // far more than the reserve, were the log of changes not emptied again and again
    const padding = "x".repeat(20_000);
    for (let i = 0; i < 500; i++)
      await store.changeDestination("chat", (state) => ({ ...state, failures: i, padding }) as typeof state);
    const groups = await store.groups({ openOnly: true, limit: 10_000 });
    expect(groups.map(({ id }) => id).toSorted()).toEqual(accepted.map(groupId).toSorted());
    await expect(tellWidely(store, -1)).rejects.toThrow("nothing is accepted until there is room");
    expect(store.isWritable()).toBe(false);

    await unlink(other);
    await tellWidely(store, -1);
    expect(store.isWritable()).toBe(true);
    expect((await stat(`${path}.reserve`)).size).toBe(4 * 1024 * 1024);
  });
});

/** Only root can give a test a disk of its own. */
async function reasonNotToMount(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "it needs a small disk, which only root can mount";
  const { code } = await runProgram("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  return code === 0 ? undefined : "it needs a small disk, and none can be mounted here";
}
