import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../src/app/deliveries/__fixtures__/world.ts";
import { registerDeliveryRoutes } from "../../src/server/routes/deliveries.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { runCli, type CliResult } from "../helpers/run-cli.ts";
import { seedDeliveries, type Seeded } from "../helpers/seed-deliveries.ts";

let cwd: string;
let file: string;
const run = (...args: string[]): Promise<CliResult> => runCli(args, { cwd });

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "watchkeeper-deliveries-"));
  file = join(cwd, "watchkeeper.db");
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const configure = (webhook = "http://127.0.0.1:1/hooks/planted-secret") =>
  writeFile(
    join(cwd, "watchkeeper.yaml"),
    [
      "alerting:",
      "  sources: [{ name: main }]",
      "  destinations:",
      `    - { name: chat, type: webhook, url: '${webhook}' }`,
      "    - { name: oncall, type: ntfy, topic: alerts, url: 'http://127.0.0.1:1' }",
      "  route: { destinations: [oncall, chat] }",
      "",
    ].join("\n"),
  );

describe("watchkeeper deliveries", () => {
  let seeded: Seeded;
  beforeEach(async () => {
    await configure();
    seeded = await seedDeliveries(file);
  });

  it("lists what is not delivered first, in words", async () => {
    const { code, stdout } = await run("deliveries");
    expect(code).toBe(0);
    const [head, dead, waiting, delivered] = stdout.split("\n");
    expect(head).toMatch(/^ID +DESTINATION +STATE +FOR +TRIES +LAST REASON +ALERT +WHAT$/);
    expect(dead).toMatch(
      new RegExp(
        `^${seeded.dead.slice(0, 8)} +chat +dead .* 2 +message_rejected +critical +NodeDown: 2 alerts on db-1, db-2`,
      ),
    );
    expect(waiting).toMatch(/ chat +in backoff, next try in .* 3 +server_error +warning +Disk of nas-1 is full\[2J/);
    expect(delivered).toMatch(/ oncall +delivered +46 min +1 +warning +Disk of nas-1/);
  });

  it("chooses, as text and as JSON", async () => {
    const { stdout } = await run("deliveries", "list", "--state", "waits", "--json");
    const { conversations } = JSON.parse(stdout) as { conversations: { id: string }[] };
    expect(conversations.map(({ id }) => id)).toEqual([seeded.waiting]);
    expect((await run("deliveries", "list", "--destination", "oncall")).stdout.trim().split("\n")).toHaveLength(2);
    const one = await run("deliveries", "--limit", "1");
    expect(one.stdout.trim().split("\n")).toHaveLength(2);
    expect(one.stderr).toContain("Only 1 are shown; --limit shows more.");
    expect(await run("deliveries", "--state", "dropped")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "There is no delivery in the state dropped.\n",
    });
  });

  it("shows everything of one, and what to do, but never what is remembered to edit its message", async () => {
    const { code, stdout } = await run("deliveries", "show", seeded.dead.slice(0, 8));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^NodeDown: 2 alerts on db-1, db-2 \[cluster=prod\]\ncritical, fires since .* \(47 min\): 2 firing, 0 over\n/,
    );
    expect(stdout).toMatch(/^Last failure +message_rejected: invalid_blocks\n +The destination refuses this message/m);
    expect(stdout).toContain('critical  Node db-1 is down [instance="db-1"], began 47 min ago');
    expect(stdout).toContain(`watchkeeper deliveries retry ${seeded.dead.slice(0, 8)}`);
    const delivered = await run("deliveries", "show", seeded.delivered, "--json");
    expect(JSON.parse(delivered.stdout)).toMatchObject({ conversation: { id: seeded.delivered, state: "settled" } });
    expect(delivered.stdout + (await run("deliveries", "show", seeded.delivered)).stdout).not.toContain(
      "planted-secret",
    );
  });

  it("retries what is dead, and refuses with the reason", async () => {
    expect(await run("deliveries", "retry", "--dead")).toMatchObject({
      code: 0,
      stdout: `${seeded.dead.slice(0, 8)}  chat: is tried again, within a second when the service runs\n`,
    });
    expect((await run("deliveries", "--state", "dead")).stdout).toBe("");
    expect(await run("deliveries", "retry", "--dead")).toMatchObject({
      code: 0,
      stderr: "There are no dead letters.\n",
    });
    expect(await run("deliveries", "retry", seeded.delivered)).toMatchObject({
      code: 1,
      stdout: `${seeded.delivered.slice(0, 8)}  oncall: not retried: it is delivered already\n`,
    });
  });

  it("drops, and finds nothing for an id that is none", async () => {
    expect((await run("deliveries", "drop", seeded.waiting)).stdout).toContain("chat: dropped: it is not told, unless");
    expect((await run("deliveries", "--state", "dropped")).stdout).toContain(seeded.waiting.slice(0, 8));
    for (const verb of ["show", "retry", "drop"])
      expect(await run("deliveries", verb, "ffffffff")).toMatchObject({ code: 1 });
  });

  it("works while another process has the store open, and the pages show the same", async () => {
    const store = await openSqliteStore({ path: file });
    const app = Fastify();
    registerDeliveryRoutes(app, () => ({
      store,
      alerting: { destinations: [], route: ROOT, timeIntervals: [] },
      externalUrl: "http://localhost:9797",
    }));
    await run("deliveries", "drop", seeded.dead);
    expect((await app.inject(`/alerts/${seeded.dead}`)).body).toContain(">dropped<");
    const overview = (await app.inject("/alerts")).body;
    expect(overview).toContain("NodeDown: 2 alerts on db-1, db-2 [cluster=prod]");
    expect(overview).not.toContain("planted-secret");
    await app.close();
    await store.close();
  });

  it.each([
    [["--state", "lost"], "--state is one of waits, delivered, dead, dropped, rolled up, not lost"],
    [["--limit", "0"], "--limit is a number from 1 to 500, not 0"],
    [["retry"], "name one delivery by its id, or all that are dead by --dead"],
    [["retry", "abcdef", "--dead"], "name one delivery by its id, or all that are dead by --dead"],
    [["retry", "abcdef", "--destination", "chat"], "--destination goes with --dead"],
  ])("exits with 2 at %j", async (args, message) => {
    const { code, stderr, stdout } = await run("deliveries", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("watchkeeper deliveries without a store", () => {
  it("says who makes it, and makes none", async () => {
    await configure();
    const { code, stderr } = await run("deliveries");
    expect(code).toBe(2);
    expect(stderr).toContain(`There is no store at ${file} yet: \`watchkeeper serve\` makes it`);
    await expect(access(file)).rejects.toThrow("ENOENT");
  });

  it("says that nothing is delivered without the section", async () => {
    await writeFile(join(cwd, "watchkeeper.yaml"), "targets: {}\n");
    expect(await run("deliveries")).toMatchObject({
      code: 2,
      stderr: "watchkeeper.yaml alerting: there is no such section, so nothing is delivered\n",
    });
  });
});

describe("watchkeeper test-notify", () => {
  let server: Server;
  let status = 200;
  const bodies: string[] = [];
  beforeEach(async () => {
    status = 200;
    bodies.length = 0;
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (data: Buffer) => (body += data.toString()));
      request.on("end", () => {
        bodies.push(body);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    await configure(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/planted-secret`);
  });
  afterEach(() => void server.close());

  it("sends a labelled test, closes it, and needs no store", async () => {
    const { code, stdout } = await run("test-notify", "chat");
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^chat \(webhook\)\n {2}ok {4}test message \(.*\): .+\n {2}ok {4}its end \(.*\): .+\n$/);
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toContain("Test of the destination chat: nothing is wrong");
    await expect(access(file)).rejects.toThrow("ENOENT");
  });

  it("says what went wrong, what it means and what to do, and never the address", async () => {
    status = 401;
    const { code, stdout, stderr } = await run("test-notify", "chat");
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL {2}test message .*: unauthorized: /);
    expect(stdout).toContain("        Renew the credential; deliveries go on by themselves.");
    expect(bodies).toHaveLength(1);
    const json = await run("test-notify", "chat", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      destination: "chat",
      steps: [{ action: "open", failure: { reason: "unauthorized" } }],
    });
    expect(stdout + stderr + json.stdout).not.toContain("planted-secret");
  });

  it("names the destinations there are when asked for another", async () => {
    const { code, stderr } = await run("test-notify", "pager");
    expect(code).toBe(2);
    expect(stderr).toContain("there is no destination pager; there are: chat, oncall");
  });
});
