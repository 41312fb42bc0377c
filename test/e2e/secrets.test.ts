import { createHmac } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "@node-rs/bcrypt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_FORMATS } from "../../src/lib/log/formats.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { crawl } from "../helpers/crawl.ts";
import { ECHOES } from "../helpers/echo-lab.ts";
import { SKELETONS } from "../helpers/planted-configuration.ts";
import { mapSecrets, startNursery, type Nursery } from "../helpers/planted-nursery.ts";
import { aSecret, leaksIn, WAYS, type Planted } from "../helpers/planted-secrets.ts";
import { startPlantedService, type Output, type PlantedService } from "../helpers/planted-service.ts";
import { readExposition } from "../helpers/read-exposition.ts";
import { runCli } from "../helpers/run-cli.ts";
import { addressOf, routes } from "../helpers/security-routes.ts";
import { waitUntil } from "../helpers/wait-until.ts";

let nursery: Nursery;
beforeAll(async () => void (nursery = await startNursery()));
afterAll(() => nursery.close());

/** The first of them, each once: one fault shows in many places. */
const leaksOf = (outputs: readonly Output[]): readonly string[] =>
  [...new Set(outputs.flatMap(({ where, text }) => leaksIn(text).map((leak) => `${where}: ${leak}`)))].slice(0, 20);

describe.each(WAYS.map((way, nth) => ({ way, nth })))("given by $way", ({ way, nth }) => {
  it(
    "no output of the service or of a command has a secret",
    async () => {
      const planted = await nursery.plant(way);
      const [first, ...others] = planted.slice(0, SKELETONS);
      const own = join(nursery.folder, way);
      await mkdir(own);
      const env = Object.assign({}, ...planted.map((one) => one.env)) as Record<string, string>;
      const web = await writeWebConfig(own);
      nursery.lab.setEcho(ECHOES[nth % ECHOES.length] ?? "refusal");
      // what needs no service does its work while that starts
      const alone = runAlone(planted, { own, env, commands: ALONE[nth] ?? [] });
      alone.catch(() => undefined);
      const service = await startPlantedService({
        folder: own,
        lab: nursery.lab,
        settings: first?.settings ?? {},
        logFormat: LOG_FORMATS[nth % LOG_FORMATS.length] ?? "json",
        env,
        web,
      });
      const outputs: Output[] = [];
      try {
        await waitUntil("every part was polled", async () => (await service.ask("/-/ready")).status === 200, PATIENCE);
        await use(service, first as Planted);
        await waitUntil("every destination was tried", () => allTried(service), PATIENCE);
        for (const [i, next] of others.entries()) {
          nursery.lab.setEcho(ECHOES[(nth + i + 1) % ECHOES.length] ?? "refusal");
          expect(await service.reload(next.settings)).toMatchObject({ text: expect.stringContaining("was reloaded") });
          await use(service, next);
        }
        const beside = [
          ...(BESIDE[nth] ?? []),
          `support-bundle --out - --username ${web.user} --password-file password`,
        ];
        const commands = beside.map((command) => [command, service.configFile] as const);
        const ran = runCommands(commands, own, env);
        const paths = await crawl(async (path) => (await service.ask(path)).text);
        expect(paths.length).toBeGreaterThan(40);
        await askApi(service);
        outputs.push(...(await ran), ...(await alone));
        const bundles = outputs.filter(({ where }) => where.startsWith("support-bundle")).map(({ text }) => text);
        expect(bundles).toHaveLength(2);
        // the service that asks for a password was asked
        expect(bundles[0]).toMatch(/^vault +target-\d+ +seal /m);
        expect(bundles.join()).not.toMatch(/\b(?:watcher|trusted|ntfy-token|metrics-of-others|people|planted-\d+)\b/);
        await service.ask("/metrics", { headers: { accept: "application/openmetrics-text; version=1.0.0" } });
        const [literal] = await nursery.plant("literal");
        const refused = await service.reload(mapSecrets(literal?.settings, (key, secret) => ({ [key]: [secret] })));
        expect(refused).toMatchObject({ status: 500, text: expect.stringContaining("was not reloaded") });
      } finally {
        await service.stop();
      }
      outputs.push(...service.answers, { where: "log", text: await service.log() }, ...(await service.storeFiles()));
      outputs.push(...nursery.lab.spans.requests.map(({ body }) => ({ where: "spans", text: body })));
      expect(outputs.length).toBeGreaterThan(60);
      expect(leaksOf(outputs)).toEqual([]);
      const all = outputs.map(({ text }) => text).join();
      for (const word of ["poll proxmox", "http.response.status_code", "deliver", "read logs", "unauthorized"])
        expect(all).toContain(word);
      for (const secret of [web.hash, web.keyLine]) expect(all).not.toContain(secret);
    },
    TIME_LIMIT,
  );
});

/**
 * Asks every route of the API by every method: at what the answers name, at what is not there, and with what is no
 * question.
 */
async function askApi(service: PlantedService): Promise<void> {
  const api = routes.filter(({ path }) => path.startsWith("/api/v1/"));
  const change = { title: "planted", at: new Date().toISOString() };
  await service.ask("/api/v1/changes", { method: "POST", body: change });
  const lists = api.filter(({ method, path }) => method === "GET" && !/[:*]/.test(path));
  const texts = await Promise.all(lists.map(async ({ path }) => (await service.ask(path)).text));
  const ids = texts.flatMap((text) => [...text.matchAll(/"(?:id|uid)":"([\w-]+)"/g)].slice(0, 2).map(([, id]) => id));
  expect(ids.length).toBeGreaterThan(4);
  const statuses = new Set<number>();
  for (const route of api) {
    for (const value of /[:*]/.test(route.path)
      ? new Set([...ids, "bearer", "nothing", "%00"])
      : ["?limit=x&from=soon", "?service="]) {
      const address = addressOf(route, value);
      const path = address === route.path ? `${address}${value ?? ""}` : address;
      const bodies = route.method === "GET" ? [undefined] : [{}, "no JSON"];
      for (const body of bodies)
        statuses.add((await service.ask(path, { method: route.method, ...(body !== undefined && { body }) })).status);
    }
  }
  for (const status of [200, 400, 401, 404]) expect(statuses).toContain(status);
  expect([...statuses].filter((status) => status >= 500 && status !== 503)).toEqual([]);
}

/** It is a dozen of processes on a machine that may do other things too. */
const TIME_LIMIT = 240_000;

const PATIENCE = { deadlineMs: 45_000 };

/** TLS with a key that is written down, and a user with a password. */
async function writeWebConfig(own: string) {
  const certificate = await nursery.lab.authority.issue({ hosts: ["127.0.0.1"] });
  const password = aSecret("web");
  const hashed = await hash(password, { cost: 4 });
  const file = join(own, "web.yaml");
  const settings = {
    tls_server_config: { cert: certificate.certificatePem, key: certificate.keyPem },
    basic_auth_users: { operator: hashed },
  };
  await Promise.all([writeFile(file, JSON.stringify(settings)), writeFile(join(own, "password"), password)]);
  return { file, user: "operator", password, hash: hashed, keyLine: certificate.keyPem.split("\n")[2] ?? "" };
}

/** Tells the service of alerts as each of its sources does, shows wrong credentials, and has it look for evidence. */
async function use(service: PlantedService, planted: Planted): Promise<void> {
  const field = (rest: string): string => planted.secretAt(`alerting.sources[].credentials[]${rest}`);
  const body = groupWebhook(`planted-${service.answers.length}`);
  const basic = (password: string): string => `Basic ${Buffer.from(`watcher:${password}`).toString("base64")}`;
  const sign = (key: string): string => createHmac("sha256", key).update(JSON.stringify(body)).digest("hex");
  const headers = {
    bearer: { authorization: `Bearer ${field("(type=bearer).token")}` },
    basic: { authorization: basic(field("(type=basic).password")) },
    hmac: { "x-grafana-alerting-signature": sign(field("(type=hmac).secret")) },
  };
  const wrong = [`Bearer ${aSecret("wrong")}`, basic(aSecret("wrong")), aSecret("wrong")];
  for (const [source, shown] of Object.entries(headers)) {
    const path = `/api/v1/webhooks/alertmanager/${source}`;
    expect((await service.ask(path, { method: "POST", headers: shown, body })).status).toBe(202);
    for (const authorization of wrong)
      expect((await service.ask(path, { method: "POST", headers: { authorization }, body })).status).toBe(401);
  }
  const { status } = await service.ask("/api/v1/correlate?service=shop&from=10m");
  expect(status).toBe(200);
}

/** Whether an attempt was made at each destination. */
async function allTried(service: PlantedService): Promise<boolean> {
  const samples = readExposition((await service.ask("/metrics")).text, "text").flatMap((family) => family.samples);
  const tried = samples.filter(
    ({ name, value }) => /^watchkeeper_(?:deliveries|delivery_failures)_total$/.test(name) && Number(value) > 0,
  );
  const named = samples.filter(({ name }) => name === "watchkeeper_destination_broken");
  const names = (from: typeof samples) => new Set(from.map(({ labels }) => new Map(labels).get("destination")));
  return named.length > 0 && names(tried).size === names(named).size;
}

/** Runs commands with their configurations beside the service. */
function runCommands(
  commands: readonly (readonly [command: string, configFile: string])[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly Output[]> {
  const run = async ([command, configFile]: readonly [string, string]): Promise<Output> => {
    const { stdout, stderr } = await runCli([...command.split(" "), "--config", configFile], {
      cwd,
      env: { ...env, NODE_EXTRA_CA_CERTS: join(cwd, "ca.pem") },
    });
    expect(stdout + stderr).not.toBe("");
    return { where: command, text: stdout + stderr };
  };
  return Promise.all(commands.map(run));
}

/** Runs what needs no service, by the last configuration and by that whose store is in PostgreSQL. */
async function runAlone(
  planted: readonly Planted[],
  { own, env, commands }: { own: string; env: Readonly<Record<string, string>>; commands: readonly string[] },
): Promise<readonly Output[]> {
  const files = { alone: planted[SKELETONS - 1], postgres: planted[SKELETONS] };
  for (const [name, one] of Object.entries(files))
    await writeFile(join(own, `${name}.yaml`), JSON.stringify(one?.settings));
  const all = [
    ...commands.map((command) => [command, "alone.yaml"] as const),
    ...ON_POSTGRES.map((command) => [command, "postgres.yaml"] as const),
  ];
  return runCommands(all, own, env);
}

/** Those of each way of {@link WAYS} that need no service. */
const ALONE = [
  ["check --connect", "grafana push"],
  ["check --connect --json", "test-notify telegram"],
  ["collect proxmox/trusted --debug", "grafana push --json"],
];
const ON_POSTGRES = ["deliveries list --json", "support-bundle --out -"];

/** And those that look at what it has done. */
const BESIDE = [["deliveries list"], ["deliveries list --json"], ["correlate --service shop --json"]];
