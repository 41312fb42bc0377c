import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreUnusable } from "../core/delivery-store.ts";
import { openSqliteStore } from "./index.ts";
import { migrations } from "./migrations/index.ts";

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-version-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, "watchkeeper.db");
});

describe("a visitor of a store", () => {
  const newest = Object.keys(migrations).at(-1) ?? "";
  it.each([
    [
      "an older version",
      `delete from watchkeeper_migrations where name = '${newest}'`,
      `is of an older version of Watchkeeper (it lacks ${newest}): start the service of this version first`,
    ],
    [
      "a newer version",
      "insert into watchkeeper_migrations values ('9999-new', '2099-01-01')",
      "was written by a newer version of Watchkeeper (it has 9999-new): use the commands of that version",
    ],
    ["no version", "drop table watchkeeper_migrations", "has no tables yet: start the service, which makes them"],
  ])("of %s is refused, and leaves it as it is", async (_, change, message) => {
    await (await openSqliteStore({ path, reserveBytes: 0 })).close();
    const database = new SQLite(path);
    database.exec(change);
    database.close();
    const before = await readFile(path);
    const refused: unknown = await openSqliteStore({ path, role: "visitor" }).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(StoreUnusable);
    expect(String(refused)).toContain(`The database ${path} ${message}`);
    expect((await readFile(path)).equals(before)).toBe(true);
  });
});
