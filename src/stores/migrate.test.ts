import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely } from "kysely";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSqliteStore } from "./index.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import type { Tables } from "./schema.ts";
import { openDatabaseFile } from "./sqlite/database-file.ts";
import { WriterDialect } from "./sqlite/sqlite-dialect.ts";

describe("a migration that fails", () => {
  it("leaves the store as it was, with everything that it holds", async () => {
    const folder = await mkdtemp(join(tmpdir(), "watchkeeper-migrate-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "watchkeeper.db");
    const before = await openSqliteStore({ path, reserveBytes: 0 });
    await before.changeGroups([{ heartbeats: ["main"], changes: [] }]);
    await before.close();

    const database = await openDatabaseFile(path);
    const db = new Kysely<Tables>({ dialect: new WriterDialect(database) });
    const broken = {
      up: async (half: Kysely<unknown>) => {
        await half.schema.createTable("half").addColumn("x", "integer").execute();
        await half.schema.dropTable("heartbeats").execute();
        throw new RangeError("broken");
      },
    };
    const newer = { ...migrations, "9999-broken": broken };
    await expect(migrate(db, { store: "it", migrations: newer })).rejects.toThrow(RangeError);
    const tables = await db.introspection.getTables();
    expect(tables.map(({ name }) => name)).not.toContain("half");
    await db.destroy();

    const after = await openSqliteStore({ path, reserveBytes: 0 });
    expect([...(await after.heartbeats()).keys()]).toEqual(["main"]);
    await after.close();
  });
});
