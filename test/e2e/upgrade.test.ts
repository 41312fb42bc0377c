import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { startWebhookStandIn, type WebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { migrations } from "../../src/stores/migrations/index.ts";
import { alertmanagerWebhook } from "../helpers/alertmanager-webhook.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { startProcess } from "../helpers/process.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const FIXTURES = join(import.meta.dirname, "__fixtures__/stores");
const NAMES = Object.keys(migrations).toSorted();
/** What tells the rows of a table apart. */
const KEYS = {
  inbound: "content_hash",
  alert_groups: "id",
  conversations: "id",
  attempts: "conversation_id || ' ' || started_at",
  bundles: "id",
  changes: "id",
} as const;

let folder: string;
let store: string;
beforeEach(async () => {
  const temporary = await createTemporaryFolder("upgrade");
  onTestFinished(() => temporary.remove());
  folder = temporary.path;
  store = join(folder, "store.db");
});

function inDatabase<T>(file: string, work: (database: SQLite.Database) => T): T {
  const database = new SQLite(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

const executed = (file: string): readonly unknown[] =>
  inDatabase(file, (database) =>
    database.prepare("select name from watchkeeper_migrations order by name").pluck().all(),
  );

/** The rows of each table; none of one that is not there yet. */
const keysIn = (file: string): Readonly<Record<keyof typeof KEYS, readonly unknown[]>> =>
  inDatabase(file, (database) => {
    const there = new Set(database.prepare("select name from sqlite_master where type = 'table'").pluck().all());
    const keys = (table: keyof typeof KEYS): readonly unknown[] =>
      there.has(table) ? database.prepare(`select ${KEYS[table]} as k from ${table} order by k`).pluck().all() : [];
    return {
      inbound: keys("inbound"),
      alert_groups: keys("alert_groups"),
      conversations: keys("conversations"),
      attempts: keys("attempts"),
      bundles: keys("bundles"),
      changes: keys("changes"),
    };
  });

/** The built service on the store, which keeps everything however old it is. */
async function startOn(hook: WebhookStandIn): Promise<DeliveryService> {
  const service = await startDeliveryService({
    destinations: [{ name: "hook", type: "webhook", rate: 6_000, url: `${hook.url}/alerts` }],
    alerting: { retention: { groups: "3650d", journal: "3650d" } },
    config: { store: { sqlite: { path: store } } },
  });
  onTestFinished(() => service.close());
  return service;
}

async function startHook(): Promise<WebhookStandIn> {
  const hook = await startWebhookStandIn();
  onTestFinished(() => hook.close());
  return hook;
}

const tellsOfEnd = (hook: WebhookStandIn, name: string): boolean =>
  hook.bodies.some((body) => body.action === "close" && JSON.stringify(body).includes(name));

const shows = (hook: WebhookStandIn, name: string) =>
  hook.messages().find(({ title, text }) => `${title}\n${text}`.includes(name));

describe("a store of a former version", () => {
  it("is kept for every step that there was", async () => {
    const files = (await readdir(FIXTURES)).filter((name) => name.endsWith(".db")).toSorted();
    expect(files).toEqual(NAMES.map((_, i) => `schema-${i + 1}.db`));
    for (const [i, file] of files.entries()) {
      await copyFile(join(FIXTURES, file), store);
      expect(executed(store)).toEqual(NAMES.slice(0, i + 1));
    }
  });

  it.each(NAMES.map((_, i) => `schema-${i + 1}.db`))("goes on in this one: %s", async (file) => {
    await copyFile(join(FIXTURES, file), store);
    const before = keysIn(store);
    const [inbound, open] = [before.inbound.length, before.conversations.length];
    expect({ inbound, open }).toEqual({ inbound: 4, open: 3 });
    const hook = await startHook();
    const service = await startOn(hook);

    await waitUntil("what waited is delivered", () => shows(hook, "TestWaiting") !== undefined);
    const shown = await fetch(`${service.url}/api/v1/conversations?limit=10`);
    const { conversations } = (await shown.json()) as { conversations: readonly { readonly id: string }[] };
    // there may be one more, by which the service tells that messages waited for long
    expect(conversations.map(({ id }) => id)).toEqual(expect.arrayContaining([...before.conversations]));
    // a conversation that was begun by the former version is carried to its end by this one
    const labels = { alertname: "TestTold", severity: "warning", service: "checkout" };
    const ended = {
      labels,
      annotations: { summary: "TestTold happened" },
      isFiring: false,
      startsAt: Date.now() - 1_000,
    };
    const over = alertmanagerWebhook([ended], { groupLabels: { alertname: "TestTold" } });
    expect(await service.post(over)).toMatchObject({ status: 202 });
    await waitUntil("it is told to be over", () => tellsOfEnd(hook, "TestTold"));
    expect(hook.bodies.filter((body) => JSON.stringify(body).includes("TestOver"))).toEqual([]);
    await service.settled();
    await service.stop();

    expect(executed(store)).toEqual(NAMES);
    const after = keysIn(store);
    expect(after).toEqual({
      inbound: expect.arrayContaining([...before.inbound]),
      alert_groups: expect.arrayContaining([...before.alert_groups]),
      conversations: expect.arrayContaining([...before.conversations]),
      attempts: expect.arrayContaining([...before.attempts]),
      bundles: expect.arrayContaining([...before.bundles]),
      changes: expect.arrayContaining([...before.changes]),
    });
    expect(after.inbound).toHaveLength(5);
    expect(after.attempts.length).toBeGreaterThan(before.attempts.length);
    expect(inDatabase(store, (database) => database.pragma("integrity_check", { simple: true }))).toBe("ok");
  });
});

describe("an upgrade that is killed in the middle", () => {
  it("leaves the store as it was, for the former version and for the next attempt", async () => {
    await copyFile(join(FIXTURES, "schema-1.db"), store);
    const before = keysIn(store);
    const program = join(folder, "upgrade.mjs");
    const source = (path: string): string => JSON.stringify(join(packageRoot, "src/stores", path));
    const steps = [
      `import { Kysely } from ${JSON.stringify(import.meta.resolve("kysely"))};`,
      `import { migrate } from ${source("migrate.ts")};`,
      `import { migrations } from ${source("migrations/index.ts")};`,
      `import { openDatabaseFile } from ${source("sqlite/database-file.ts")};`,
      `import { WriterDialect } from ${source("sqlite/sqlite-dialect.ts")};`,
      "const db = new Kysely({ dialect: new WriterDialect(await openDatabaseFile(process.argv[2])) });",
      "const up = async (half) => {",
      "  await half.schema.dropTable('attempts').execute();",
      "  await half.deleteFrom('inbound').execute();",
      "  console.log('half done');",
      "  await new Promise((resolve) => setTimeout(resolve, 600_000));",
      "};",
      "await migrate(db, { store: 'it', migrations: { ...migrations, '9999-slow': { up } } });",
    ];
    await writeFile(program, steps.join("\n"));
    const upgrade = await startProcess({
      command: process.execPath,
      args: [program, store],
      ready: (started) => started.output().includes("half done"),
    });
    upgrade.signal("SIGKILL");
    await upgrade.ended;

    expect(keysIn(store)).toEqual(before);
    expect(executed(store)).toEqual(NAMES.slice(0, 1));
    const hook = await startHook();
    const service = await startOn(hook);
    await waitUntil("what waited is delivered", () => shows(hook, "TestWaiting") !== undefined);
    await service.stop();
    expect(executed(store)).toEqual(NAMES);
  });
});

describe("a store of a newer version", () => {
  it("is refused in one sentence, and left as it is", async () => {
    await copyFile(join(FIXTURES, `schema-${NAMES.length}.db`), store);
    inDatabase(store, (database) => {
      database.pragma("journal_mode = wal");
      database.exec("insert into watchkeeper_migrations values ('9999-later', '2030-01-01')");
    });
    const before = await readFile(store);
    const config = join(folder, "watchkeeper.yaml");
    await writeFile(
      config,
      stringify({
        server: { listen: "127.0.0.1:0" },
        store: { sqlite: { path: store } },
        alerting: {
          sources: [{ name: "main" }],
          destinations: [{ name: "hook", type: "webhook", url: "http://127.0.0.1:1/" }],
          route: { destinations: ["hook"] },
        },
      }),
    );
    const { code, stdout, stderr } = await runCli(["serve", "--config", config], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const [said = "", ...more] = stderr.trim().split("\n");
    expect(more).toEqual([]);
    expect(said).toContain(
      `${store} was written by a newer version of Watchkeeper (it has 9999-later): start that version, or go back to a backup from before it`,
    );
    expect((await readFile(store)).equals(before)).toBe(true);
  });
});
