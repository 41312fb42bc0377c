import { appendFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { runProgram, startProcess, type RunningProcess } from "../helpers/process.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { runCli } from "../helpers/run-cli.ts";

const get = async (url: string): Promise<{ status: number; text: string }> => {
  const { statusCode, body } = await request(url);
  return { status: statusCode, text: await body.text() };
};

const SIGHUP = 1;

/** Whether a process has a handler for the signal, by its `/proc/<pid>/status`. */
const catches = (status: string, signal: number): boolean =>
  ((BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`) >> BigInt(signal - 1)) & 1n) === 1n;

describe("the built service", () => {
  let cwd: string;
  let url: string;
  let port: number;
  let config: string;

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), "watchkeeper-e2e-"));
    [port] = (await freePorts(1)) as [number];
    url = `http://127.0.0.1:${port}`;
    config = join(cwd, "watchkeeper.yaml");
    await writeFile(
      config,
      [
        `server: { listen: "127.0.0.1:${port}" }`,
        "targets:",
        "  vault:",
        "    - { name: down, nodes: ['https://127.0.0.1:1'], pace: 0.1, auth: { method: token, token: s.planted-secret } }",
        "",
      ].join("\n"),
    );
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const start = async (): Promise<RunningProcess> => {
    const service = await startProcess({
      command: process.execPath,
      args: [join(packageRoot, "dist/cli/main.js"), "serve"],
      cwd,
      ready: async () => (await get(`${url}/-/ready`)).status === 200,
    });
    onTestFinished(async () => void (await service.stop()));
    return service;
  };

  it("serves metrics, health and the page of targets, and never a secret", async () => {
    const service = await start();
    expect(await get(`${url}/-/healthy`)).toMatchObject({ status: 200 });
    const { text } = await get(`${url}/metrics`);
    expect(text).toContain('vault_up{target="down",node="127.0.0.1:1"} 0\n');
    expect(text).toMatch(
      /watchkeeper_part_errors_total\{target="down",collector="vault",part="raft",reason="connection_refused"\} [1-9]/,
    );
    expect(text).not.toContain("vault_sealed");
    const page = await get(`${url}/`);
    expect(page.text).toContain("connection_refused");
    expect(page.text).toContain("Nothing listens on the target");
    expect((await get(`${url}/?target=nobody`)).text).toContain("There is no target of this name");
    expect((await get(`${url}/runbooks/VaultSealed`)).text).toContain("<h1>VaultSealed</h1>");
    expect((await get(`${url}/runbooks/..%2f..%2fpackage.json`)).status).toBe(404);
    expect((await get(`${url}/nowhere`)).status).toBe(404);
    expect(text + page.text + service.output()).not.toContain("planted-secret");
  });

  it("answers a filter with the series of that target or part only, and a wrong name with the nearest right one", async () => {
    await start();
    const { text } = await get(`${url}/metrics?target=down&collect[]=vault/health`);
    expect(text).toContain('vault_up{target="down"');
    expect(text).not.toContain("process_cpu");
    expect(text).not.toContain('part="raft"');
    expect(await get(`${url}/metrics?target=dwon`)).toMatchObject({
      status: 400,
      text: expect.stringContaining('"down"'),
    });
  });

  it("reloads on SIGHUP and on POST, and keeps the former configuration when the file has a fault", async () => {
    const service = await start();
    const reloaded = async (value: number) =>
      waitUntil(`the reload is ${value}`, async () =>
        (await get(`${url}/metrics`)).text.includes(`watchkeeper_config_last_reload_successful ${value}\n`),
      );
    await reloaded(1);
    await appendFile(config, "    - { name: other, nodes: [nowhere] }\n");
    service.signal("SIGHUP");
    await reloaded(0);
    expect(service.output()).toContain("watchkeeper.yaml:5:30 targets.vault.1.nodes.0: ");
    const posted = await request(`${url}/-/reload`, { method: "POST" });
    expect(posted.statusCode).toBe(500);
    expect(await posted.body.text()).toContain("targets.vault.1.nodes.0");
    expect((await get(`${url}/metrics`)).text).toContain('vault_up{target="down"');
    await writeFile(config, `targets: { vault: [{ name: other, nodes: ["https://127.0.0.1:1"] }] }\n`);
    service.signal("SIGHUP");
    await reloaded(1);
    const { text } = await get(`${url}/metrics`);
    expect(text).not.toContain('target="down"');
    expect(text).toContain('target="other"');
  });

  it("hears signals while it still starts", async () => {
    const startsUp = async (): Promise<RunningProcess> => {
      const service = await startProcess({
        command: process.execPath,
        args: [join(packageRoot, "dist/cli/main.js"), "serve"],
        cwd,
        ready: async ({ pid }) => catches(await readFile(`/proc/${pid}/status`, "utf8"), SIGHUP),
      });
      onTestFinished(async () => void (await service.stop()));
      return service;
    };
    const written = join(cwd, "written.yaml");
    await rename(config, written);
    // it can not have started before somebody writes into this
    expect(await runProgram("mkfifo", [config])).toMatchObject({ code: 0 });
    const stopped = await startsUp();
    stopped.signal("SIGTERM");
    const writer = await startProcess({
      command: "sh",
      args: ["-c", 'while cat "$0" >"$1"; do sleep 2; done', written, config],
      ready: () => true,
    });
    onTestFinished(async () => void (await writer.stop()));
    expect(await stopped.ended).toEqual({ code: 0, signal: null });

    await writer.stop();
    await rename(written, config);
    const reloaded = await startsUp();
    reloaded.signal("SIGHUP");
    await waitUntil("it has reloaded", () => reloaded.output().includes("configuration reloaded"));
    expect(await get(`${url}/-/healthy`)).toMatchObject({ status: 200 });
  });

  it("does not let a reload open webhooks to everybody while it still listens on every address", async () => {
    const alerting = (credentials: string): string =>
      [
        "alerting:",
        `  sources: [{ name: main${credentials} }]`,
        '  destinations: [{ name: hook, type: webhook, url: "http://127.0.0.1:1/" }]',
        "  route: { destinations: [hook] }",
        "",
      ].join("\n");
    const guarded = ", credentials: [{ type: bearer, token: s.planted-secret }]";
    await writeFile(config, `server: { listen: ":${port}" }\n${alerting(guarded)}`);
    await start();
    await writeFile(config, `server: { listen: "127.0.0.1:${port}" }\n${alerting("")}`);
    const reloaded = await request(`${url}/-/reload`, { method: "POST" });
    expect(reloaded.statusCode).toBe(500);
    expect(await reloaded.body.text()).toContain("alerting.sources.0: needs credentials until a restart");
    const posted = await request(`${url}/api/v1/webhooks/alertmanager/main`, { method: "POST" });
    expect(posted.statusCode).toBe(401);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s", async (signal) => {
    const service = await start();
    service.signal(signal);
    expect(await service.ended).toEqual({ code: 0, signal: null });
    expect(service.output()).toContain("Watchkeeper has stopped");
  });

  it("says whose fault it is when its port is taken", async () => {
    await start();
    const { code, stderr } = await runCli(["serve"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("watchkeeper.yaml server.listen: another process listens there already\n");
  });

  it("asks for the password of its web configuration on every path", async () => {
    const hash = "$2b$04$Q1wSxcDf7x1ZkHkYq1QZ5u0Nq0pJt1qv5m5C0mXJX4YjSU7iY3K1K";
    await writeFile(join(cwd, "web.yml"), `basic_auth_users: { prometheus: "${hash}" }\n`);
    await writeFile(config, `server: { listen: "127.0.0.1:${port}", web_config_file: web.yml }\ntargets: {}\n`);
    await startProcess({
      command: process.execPath,
      args: [join(packageRoot, "dist/cli/main.js"), "serve"],
      cwd,
      ready: async () => (await get(`${url}/-/healthy`)).status === 401,
    }).then((service) => onTestFinished(async () => void (await service.stop())));
    for (const path of ["/metrics", "/", "/nowhere"]) expect((await get(`${url}${path}`)).status).toBe(401);
    const { statusCode } = await request(`${url}/-/reload`, { method: "POST" });
    expect(statusCode).toBe(401);
  });
});
