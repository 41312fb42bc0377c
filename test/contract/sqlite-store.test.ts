import { join } from "node:path";
import SQLite from "better-sqlite3";
import { describe } from "vitest";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { describeStoreContract } from "./store-contract.ts";

describe("the store in SQLite", () => {
  describeStoreContract(async () => {
    const folder = await createTemporaryFolder("sqlite");
    const path = join(folder.path, "watchkeeper.db");
    return {
      open: () => openSqliteStore({ path, reserveBytes: 64 * 1024 }),
      execute: async (sql) => {
        const database = new SQLite(path);
        database.pragma("foreign_keys = off");
        database.exec(sql);
        database.close();
      },
      remove: () => folder.remove(),
      isShared: false,
    };
  });
});
