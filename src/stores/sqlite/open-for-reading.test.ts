import { execFile } from "node:child_process";
import { chmod, copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import SQLite from "better-sqlite3";
import { inspectSqliteStore, openSqliteStore } from "../index.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchkeeper-reading-"));
  path = join(folder, "watchkeeper.db");
  onTestFinished(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });
});

/** A store that heard of one source. */
async function openWithSource(file = path) {
  const store = await openSqliteStore({ path: file, reserveBytes: 0 });
  await store.changeGroups([{ heartbeats: ["main"], changes: [] }]);
  return store;
}

/** The files beside it, as a service leaves them that is killed; without some of their endings. */
async function leaveBehind(...without: readonly string[]): Promise<void> {
  const other = await mkdtemp(join(tmpdir(), "watchkeeper-killed-"));
  onTestFinished(() => rm(other, { recursive: true }));
  const running = await openWithSource(join(other, "watchkeeper.db"));
  await cp(other, folder, { recursive: true });
  await running.close();
  for (const ending of without) await rm(path + ending);
}

/** Takes the right to write from everybody but root. */
async function forbidWriting(): Promise<void> {
  for (const name of await readdir(folder)) await chmod(join(folder, name), 0o444);
  await chmod(folder, 0o555);
}

/** What a visitor says who may not write there, in a process that is no longer root's once it has read its program. */
async function visit(): Promise<string> {
  const other = await mkdtemp(join(tmpdir(), "watchkeeper-visitor-"));
  onTestFinished(() => rm(other, { recursive: true }));
  await chmod(other, 0o777);
  const args = ["--input-type=module", "--eval", VISITOR, path, join(other, "copy.db")];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

const NOBODY = 65_534;
const VISITOR = `
  const { copySqliteStore } = await import(${JSON.stringify(new URL("copy-store.ts", import.meta.url).href)});
  const { inspectSqliteStore } = await import(${JSON.stringify(new URL("inspect-sqlite-store.ts", import.meta.url).href)});
  const { openSqliteStore } = await import(${JSON.stringify(new URL("open-sqlite-store.ts", import.meta.url).href)});
  const { default: SQLite } = await import(${JSON.stringify(import.meta.resolve("better-sqlite3"))});
  new SQLite(":memory:").close();
  if (process.getuid() === 0) {
    process.setgid(${NOBODY});
    process.setuid(${NOBODY});
  }
  const [, path, copy] = process.argv;
  const say = (what, work) => work().then((found) => console.log(what, found), (thrown) => console.log(what, String(thrown)));
  await say("inspected", async () => JSON.stringify((await inspectSqliteStore(path)).rows.heartbeats));
  await say("copied", async () => (await copySqliteStore(path, copy)).notifications);
  await say("listed", async () => {
    const store = await openSqliteStore({ path, role: "visitor" });
    const heard = [...(await store.heartbeats()).keys()].join();
    await say("written", () => store.changeGroups([{ heartbeats: ["other"], changes: [] }]));
    await store.close();
    return heard;
  });
`;

describe("a store that is only looked into", () => {
  it("has no more files beside it than before, and the same bytes", async () => {
    await (await openWithSource()).close();
    const before = await readFile(path);
    expect((await inspectSqliteStore(path)).rows).toMatchObject({ heartbeats: 1 });
    expect(await readdir(folder)).toEqual(["watchkeeper.db"]);
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it("keeps the newest changes where a service left them that was killed", async () => {
    await leaveBehind();
    const log = await readFile(`${path}-wal`);
    expect(log.length).toBeGreaterThan(0);
    const before = await readFile(path);
    expect((await inspectSqliteStore(path)).rows).toMatchObject({ heartbeats: 1 });
    expect((await readFile(`${path}-wal`)).equals(log)).toBe(true);
    expect((await readFile(path)).equals(before)).toBe(true);
  });
});

const READ = `inspected 1
copied 0
written StoreUnavailable: The database PATH is not usable now: it can not be written: check the permissions of the file and its folder, and how its disk is mounted (SQLITE_READONLY).
listed main
`;

describe("a store where nothing can be written", { timeout: 60_000 }, () => {
  it("is read all the same when nobody uses it", async () => {
    await (await openWithSource()).close();
    await forbidWriting();
    expect((await visit()).replaceAll(path, "PATH")).toBe(READ);
    expect(await readdir(folder)).toEqual(["watchkeeper.db"]);
  });

  it("is read with the log that was left beside it", async () => {
    await leaveBehind();
    await forbidWriting();
    expect((await visit()).replaceAll(path, "PATH")).toBe(READ);
  });

  it("is read without its log only when there is nothing in it; else the person is told what to do", async () => {
    await leaveBehind("-shm");
    await forbidWriting();
    expect(await visit()).toContain(
      `inspected StoreUnusable: The database ${path} can not be read by this user: its newest changes are in ${path}-wal`,
    );
    await chmod(folder, 0o700);
    for (const ending of ["", "-wal"]) await chmod(path + ending, 0o600);
    const database = new SQLite(path);
    database.pragma("wal_checkpoint(truncate)");
    database.close();
    await writeFile(`${path}-wal`, "");
    await forbidWriting();
    expect((await visit()).replaceAll(path, "PATH")).toBe(READ);
  });
});

describe("a store that a newer version wrote", () => {
  it.each(["delete", "wal"])("is left to the last byte as it is, with a journal of the mode %s", async (mode) => {
    await (await openWithSource()).close();
    const database = new SQLite(path);
    database.exec("insert into watchkeeper_migrations (name, timestamp) values ('9999-newer', '2026-01-01')");
    database.pragma(`journal_mode = ${mode}`);
    database.close();
    const before = await readFile(path);
    for (const role of ["service", "visitor", undefined] as const)
      await expect(openSqliteStore({ path, ...(role && { role }) })).rejects.toThrow(
        "was written by a newer version of Watchkeeper (it has 9999-newer)",
      );
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(folder)).toEqual(["watchkeeper.db"]);
  });

  it("keeps the log that was left beside it", async () => {
    await leaveBehind();
    const copy = join(folder, "copy.db");
    const database = new SQLite(path);
    database.exec("insert into watchkeeper_migrations (name, timestamp) values ('9999-newer', '2026-01-01')");
    for (const ending of ["", "-wal"]) await copyFile(path + ending, copy + ending);
    database.close();
    const before = [await readFile(copy), await readFile(`${copy}-wal`)];
    await expect(openSqliteStore({ path: copy, role: "service" })).rejects.toThrow("9999-newer");
    expect([await readFile(copy), await readFile(`${copy}-wal`)]).toEqual(before);
  });
});
