import { copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { groupWebhook, names } from "../helpers/alert-groups.ts";
import { startDeliveryService } from "../helpers/delivery-service.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram, type RunResult } from "../helpers/process.ts";
import { runCli, type CliResult } from "../helpers/run-cli.ts";
import { seedDeliveries } from "../helpers/seed-deliveries.ts";
import { waitUntil } from "../helpers/wait-until.ts";

let cwd: string;
let store: string;
let copy: string;
beforeEach(async () => {
  const temporary = await createTemporaryFolder("backup");
  onTestFinished(() => temporary.remove());
  cwd = temporary.path;
  store = join(cwd, "watchkeeper.db");
  copy = join(cwd, "copy.db");
  await writeFile(join(cwd, "watchkeeper.yaml"), "store: { sqlite: { path: watchkeeper.db } }\n");
});

const backup = (to = copy): Promise<CliResult> => runCli(["backup", to], { cwd });
/** Runs it by the shell, which writes its exit code to the file `code` too. */
const toStandardOutput = (destination: string): Promise<RunResult> => {
  const command = `'${process.execPath}' '${join(packageRoot, "dist/cli/main.js")}' backup -`;
  const script = destination.startsWith("|")
    ? `{ ${command}; echo $? > code; } ${destination}`
    : `${command} ${destination}`;
  return runProgram("sh", ["-c", script], { cwd });
};
/** Names of the groups of alerts of which a store has a conversation. */
async function toldIn(path: string): Promise<ReadonlySet<string | undefined>> {
  const opened = await openSqliteStore({ path, reserveBytes: 0 });
  const views = await opened.list({ limit: 100_000 });
  await opened.close();
  return new Set(views.map(({ group }) => group.labels["group"]));
}

describe("watchkeeper backup", { timeout: 120_000 }, () => {
  it("copies a store that is written to: whatever was acknowledged before is in the copy, and a service runs on it", async () => {
    const nobody = [{ name: "nobody", type: "webhook", url: "http://127.0.0.1:1/" }];
    const service = await startDeliveryService({ destinations: nobody });
    onTestFinished(() => service.close());
    const acknowledged: string[] = [];
    const tell = async (name: string): Promise<void> => {
      const { status } = await service.post(groupWebhook(name));
      if (status === 202) acknowledged.push(name);
    };
    await Promise.all(names("before", 100).map(tell));
    const enough = new AbortController();
    const writing = (async () => {
      for (let i = 0; !enough.signal.aborted; i += 1) await tell(`during-${i}`);
    })();
    await waitUntil("the service is written to", () => acknowledged.length > 105, { everyMs: 1 });

    const before = [...acknowledged];
    const { code, stdout, stderr } = await runCli(["backup", "--config", service.configFile, copy], { cwd });
    const during = acknowledged.length - before.length;
    enough.abort();
    await writing;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // it was not held up meanwhile
    expect(during).toBeGreaterThan(0);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    const [, bytes, conversations] = /^\S+copy\.db: (\d+) bytes, ([\d,]+) conversations, /.exec(stdout) ?? [];
    expect(Number(bytes)).toBe((await stat(copy)).size);

    const told = await toldIn(copy);
    expect(before.filter((name) => !told.has(name))).toEqual([]);
    // one moment of the store: nothing is there without what was written before it
    const held = acknowledged.map((name) => told.has(name));
    expect(held.lastIndexOf(true)).toBe(held.filter(Boolean).length - 1);
    expect(Number(conversations?.replace(",", ""))).toBe(told.size);

    await service.stop();
    await copyFile(copy, join(service.folder, "watchkeeper.db"));
    await service.start();
    expect((await service.post(groupWebhook("after"))).status).toBe(202);
  });

  it("says what the copy holds, and leaves nothing else behind", async () => {
    await seedDeliveries(store);
    const { stdout } = await backup("copy.db");
    expect(stdout).toMatch(/^copy\.db: \d+ bytes, 3 conversations, 0 notifications, 0 bundles of evidence\n$/);
    expect((await readdir(cwd)).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  });

  it("goes to standard output, where the files of secrets are not, and leaves nothing beside the store", async () => {
    await seedDeliveries(store);
    const configuration = "store: { sqlite: { path: watchkeeper.db } }\nserver: { web_config_file: nowhere }\n";
    await writeFile(join(cwd, "watchkeeper.yaml"), configuration);
    const { code, stdout, stderr } = await toStandardOutput(`> ${copy}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const bytes = (await stat(copy)).size;
    expect(stderr).toBe(`standard output: ${bytes} bytes, 3 conversations, 0 notifications, 0 bundles of evidence\n`);
    expect(await toldIn(copy)).toEqual(await toldIn(store));
    expect((await readdir(cwd)).toSorted()).toEqual(["copy.db", "watchkeeper.db", "watchkeeper.yaml"]);
  });

  it.each([
    ["a full disk", "> /dev/full", "ENOSPC"],
    ["a reader that goes away", "| true; exit $(cat code)", "EPIPE"],
  ])("is no backup on %s", async (_, destination, reason) => {
    await seedDeliveries(store);
    const { code, stderr } = await toStandardOutput(destination);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `The backup was not written to the end of standard output (${reason}): make it anew.\n`,
    });
    expect((await readdir(cwd)).filter((name) => name.endsWith(".copy"))).toEqual([]);
  });

  it("leaves a file alone that is there", async () => {
    await seedDeliveries(store);
    await writeFile(copy, "an older backup");
    expect(await backup()).toMatchObject({
      code: 2,
      stdout: "",
      stderr: `${copy} exists already and is left as it is: name a new file.\n`,
    });
    expect(await readFile(copy, "utf8")).toBe("an older backup");
  });

  it("refuses what is no whole store, and makes no file then", async () => {
    expect(await backup()).toMatchObject({
      code: 2,
      stderr: `There is no store at ${store}, so there is nothing to back up: \`watchkeeper serve\` makes it when alerting or evidence is configured.\n`,
    });
    await seedDeliveries(store);
    await writeFile(store, (await readFile(store)).fill(0xa5, 8_192));
    expect(await backup()).toMatchObject({
      code: 1,
      stderr: `The database ${store} is not usable now: it is damaged: stop Watchkeeper and restore a backup (SQLITE_CORRUPT).\n`,
    });
    expect((await readdir(cwd)).filter((name) => name.startsWith("copy"))).toEqual([]);
  });

  it("leaves PostgreSQL to pg_dump", async () => {
    const url = "postgres://watchkeeper:planted-secret@127.0.0.1:1/watchkeeper";
    await writeFile(join(cwd, "watchkeeper.yaml"), `store: { postgres: { url: '${url}' } }\n`);
    expect(await backup()).toEqual({
      code: 2,
      stdout: "",
      stderr: "The store is in PostgreSQL: back it up with pg_dump, or with its whole server.\n",
    });
  });
});
