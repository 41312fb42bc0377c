import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreUnusable } from "../../core/delivery-store.ts";
import { openSqliteStore } from "../index.ts";

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-sole-use-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, "watchkeeper.db");
});

const openAsService = () => openSqliteStore({ path, reserveBytes: 0, role: "service" });

describe("a service on a store", () => {
  it("is the only one, until it ends; visitors come beside it", async () => {
    const first = await openAsService();
    expect((await readdir(join(path, ".."))).filter((name) => name.includes("lock"))).toEqual(["watchkeeper.db.lock"]);
    const second = openAsService().catch((thrown: unknown) => thrown);
    // the system takes a lock back from a process that closes the file anywhere, as a second attempt could
    const elsewhere = spawn(process.execPath, ["--input-type=module", "--eval", SERVICE, path]);
    onTestFinished(() => void elsewhere.kill("SIGKILL"));
    const said = text(elsewhere.stderr);
    // a visitor that leaves does not take the lock with it
    const visitor = await openSqliteStore({ path, role: "visitor" });
    await visitor.changeGroups([{ heartbeats: ["main"], changes: [] }]);
    await visitor.close();
    expect([...(await first.heartbeats()).keys()]).toEqual(["main"]);

    const refused = await second;
    expect(refused).toBeInstanceOf(StoreUnusable);
    expect(String(refused)).toContain(`The database ${path} is in use by another Watchkeeper that runs: stop that one`);
    expect(await said).toContain("is in use by another Watchkeeper that runs");
    await first.close();
    await (await openAsService()).close();
  }, 60_000);

  it("has a successor at once when it was killed, and when that one only waits for its end", async () => {
    const killed = spawn(process.execPath, ["--input-type=module", "--eval", SERVICE, path]);
    onTestFinished(() => void killed.kill("SIGKILL"));
    await once(killed.stdout, "data");
    const waiting = openAsService();
    killed.kill("SIGKILL");
    await once(killed, "exit");
    await (await waiting).close();
    expect(await readdir(join(path, ".."))).toEqual(["watchkeeper.db", "watchkeeper.db.lock"]);
  }, 20_000);
});

/** A service in a process of its own, which says when it has the store. */
const SERVICE = `
  const { openSqliteStore } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
  const store = await openSqliteStore({ path: process.argv[1], reserveBytes: 0, role: "service" });
  setInterval(() => store.isWritable(), 1_000);
  process.stdout.write("open");
`;
