import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabaseFile } from "./database-file.ts";

describe("a database file", () => {
  it("is written so that what was committed survives the loss of power", async () => {
    const folder = await mkdtemp(join(tmpdir(), "watchkeeper-file-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const database = await openDatabaseFile(join(folder, "watchkeeper.db"));
    const setting = (name: string): unknown => database.pragma(name, { simple: true });
    const FULL = 2;
    expect([setting("journal_mode"), setting("synchronous")]).toEqual(["wal", FULL]);
    expect(setting("foreign_keys")).toBe(1);
    database.close();
  });
});
