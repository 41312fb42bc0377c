import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { openSqliteStore } from "../index.ts";
import { migrations } from "../migrations/index.ts";
import { copySqliteStore } from "./copy-store.ts";

let folder: string;
let store: string;
let copy: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchkeeper-copy-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  store = join(folder, "watchkeeper.db");
  copy = join(folder, "copy.db");
  const opened = await openSqliteStore({ path: store, reserveBytes: 0 });
  await opened.changeGroups([{ heartbeats: ["main"], changes: [] }]);
  await opened.close();
});

function run(file: string, sql: string): void {
  const database = new SQLite(file);
  database.exec(sql);
  database.close();
}

/** The migrations that a store has had. */
function versionOf(file: string): readonly unknown[] {
  const database = new SQLite(file, { readonly: true });
  const names = database.prepare("select name from watchkeeper_migrations order by name").pluck().all();
  database.close();
  return names;
}

async function refusal(to = copy): Promise<unknown> {
  const thrown = await copySqliteStore(store, to).catch((error: unknown) => error);
  expect((await readdir(folder)).filter((name) => /copy|unfinished/.test(name))).toEqual([]);
  return thrown;
}

describe("a copy of a store", () => {
  it("has what stands in the log of changes only, and can be opened in its place", async () => {
    const used = await openSqliteStore({ path: store, reserveBytes: 0 });
    onTestFinished(() => used.close());
    await used.changeGroups([{ heartbeats: ["newest"], changes: [] }]);
    expect(await copySqliteStore(store, copy)).toEqual({
      bytes: (await readFile(copy)).length,
      conversations: 0,
      notifications: 0,
      bundles: 0,
    });
    const opened = await openSqliteStore({ path: copy, reserveBytes: 0 });
    expect([...(await opened.heartbeats()).keys()]).toEqual(["main", "newest"]);
    await opened.close();
  });

  it("of an older version is of that version, and so is the store still: it is the way back", async () => {
    const [first, ...newer] = Object.keys(migrations).toSorted();
    expect(newer).not.toEqual([]);
    run(store, `drop table bundles; delete from watchkeeper_migrations where name <> '${first}'`);
    expect(await copySqliteStore(store, copy)).toMatchObject({ bundles: 0 });
    expect([versionOf(store), versionOf(copy)]).toEqual([[first], [first]]);
  });

  it("of a newer version is not vouched for", async () => {
    run(store, "insert into watchkeeper_migrations values ('9999-new', '2030-01-01')");
    const thrown = await refusal();
    expect(thrown).toBeInstanceOf(StoreUnusable);
    expect(String(thrown)).toContain(
      "was written by a newer version of Watchkeeper (it has 9999-new): use the commands of that version.",
    );
  });

  it("is not made of what is damaged, though SQLite can read it", async () => {
    run(
      store,
      "pragma foreign_keys = off; insert into attempts (conversation_id, started_at, doc) values ('lost', 1, '{}')",
    );
    const thrown = await refusal();
    expect(thrown).toBeInstanceOf(StoreUnavailable);
    expect(String(thrown)).toContain("is damaged, and no backup was made of it (a row of attempts has lost");
  });

  it("is not made of another program's file", async () => {
    const other = join(folder, "other.db");
    run(other, "create table notes (x)");
    await copyFile(other, store);
    const thrown = await refusal();
    expect(thrown).toBeInstanceOf(StoreUnusable);
    expect(String(thrown)).toContain(`The file ${store} is no database of Watchkeeper.`);
  });

  it.each([
    ["missing", "ENOENT"],
    ["watchkeeper.db", "ENOTDIR"],
  ])("needs a folder that is there: not %s", async (name, code) => {
    const to = join(folder, name, "copy.db");
    const thrown = await refusal(to);
    expect(thrown).toBeInstanceOf(StoreUnavailable);
    expect(String(thrown)).toContain(`The backup ${to} can not be written (${code}): see that its folder exists`);
  });
});
