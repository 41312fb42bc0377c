import { createHmac } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { hash } from "@node-rs/bcrypt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../src/cli/kinds.ts";
import { renderEffective } from "../../src/config/effective.ts";
import { loadConfig } from "../../src/config/load.ts";
import { settingsTree } from "../../src/config/settings-tree.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { LOG_FORMATS } from "../../src/lib/log/formats.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { crawl } from "../helpers/crawl.ts";
import { ECHOES, startEchoLab, type EchoLab } from "../helpers/echo-lab.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { kubeconfigFor } from "../helpers/kubernetes-api.ts";
import { postgresSkeleton, skeletonOf, SKELETONS, type SkeletonFiles } from "../helpers/planted-configuration.ts";
import {
  aSecret,
  leaksIn,
  plantSecrets,
  secretFields,
  WAYS,
  type Planted,
  type Way,
} from "../helpers/planted-secrets.ts";
import { startPlantedService, type Output, type PlantedService } from "../helpers/planted-service.ts";
import { readExposition } from "../helpers/read-exposition.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const root = settingsTree(kinds);

let lab: EchoLab;
let folder: TemporaryFolder;
let files: SkeletonFiles;
beforeAll(async () => {
  [lab, folder] = await Promise.all([startEchoLab(), createTemporaryFolder("secrets")]);
  files = await writeSkeletonFiles();
});
afterAll(async () => {
  await lab.close();
  await folder.remove();
});

async function writeSkeletonFiles(): Promise<SkeletonFiles> {
  const path = (name: string): string => join(folder.path, name);
  const found = {
    kubeconfig: path("kubeconfig"),
    keyStore: path("store.p12"),
    jwt: path("jwt"),
    slo: path("slo.yaml"),
  };
  const cluster = { url: lab.secure.url, caPem: lab.authority.certificatePem };
  await Promise.all([
    writeFile(found.kubeconfig, kubeconfigFor(cluster, aSecret("kubeconfig"))),
    writeFile(found.keyStore, "no key store"),
    writeFile(found.jwt, aSecret("jwt")),
    writeFile(found.slo, JSON.stringify(OBJECTIVE)),
  ]);
  return found;
}

const OBJECTIVE = {
  version: "watchkeeper/v1",
  service: "shop",
  slos: [{ name: "availability", objective: 99, sli: { up: { metric: "up" } } }],
};

/** Settings with secrets of one way, by the branches that they have; the last have their store in PostgreSQL. */
async function plantAll(way: Way): Promise<readonly Planted[]> {
  const skeletons = [
    ...Array.from({ length: SKELETONS }, (_, nth) => skeletonOf(lab, files, nth)),
    postgresSkeleton(lab),
  ];
  const planted = skeletons.map((skeleton, nth) =>
    plantSecrets(skeleton, {
      root,
      way,
      label: `${way}${nth}`,
      folder: folder.path,
      url: lab.plain.url,
      databasePort: lab.databasePort,
    }),
  );
  const texts = planted.flatMap((one) => [...one.files]);
  await Promise.all(texts.map(([file, text]) => writeFile(file, text)));
  return planted;
}

/** The first of them, each once: one fault shows in many places. */
const leaksOf = (outputs: readonly Output[]): readonly string[] =>
  [...new Set(outputs.flatMap(({ where, text }) => leaksIn(text).map((leak) => `${where}: ${leak}`)))].slice(0, 20);

it("finds what is planted, also in Base64 and hexadecimal", () => {
  const secret = aSecret("x");
  const forms = [secret, secret.toUpperCase(), encodeURIComponent(secret), Buffer.from(secret).toString("hex")];
  const pairs = ["", "u:", "user:"].map((user) => Buffer.from(user + secret).toString("base64"));
  for (const form of [...forms, ...pairs]) expect(leaksIn(`<${form}>`)).toHaveLength(1);
  expect(leaksIn(inspect(root, { depth: null }))).toEqual([]);
});

it("plants a secret in every field that the schema has for one", async () => {
  const planted = await plantAll("literal");
  const fields = new Set(planted.flatMap((one) => [...one.fields]));
  // a field that is missing here is of a new kind of thing: add one to planted-configuration.ts
  expect([...secretFields(root)].filter((field) => !fields.has(field))).toEqual([]);
  expect(fields.size).toBeGreaterThan(40);
});

describe("in this process", () => {
  const load = async (settings: object, env: Readonly<Record<string, string>> = {}) => {
    const file = join(folder.path, "tried.yaml");
    await writeFile(file, JSON.stringify(settings, undefined, 1));
    return loadConfig({ file, ...kinds, env });
  };

  it("no print of a configuration has a secret", async () => {
    for (const { settings, env } of await plantAll("literal")) {
      const config = await load(settings, env);
      const shown = [
        renderEffective(config),
        JSON.stringify(config),
        inspect(config, { depth: null, showHidden: true }),
      ];
      expect(shown.flatMap(leaksIn)).toEqual([]);
    }
  });

  it("no fault of a configuration quotes a secret", async () => {
    const planted = await plantAll("literal");
    // with two turns each field of what stands there more than once meets every fault
    for (const turn of [0, 3]) {
      for (const [nth, { settings }] of planted.entries()) {
        let next = turn + nth;
        const spoilt = mapSecrets(settings, (key, secret) => FAULTS[next++ % FAULTS.length]?.(key, secret) ?? {});
        const thrown: unknown = await load(spoilt).catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(ConfigError);
        expect(leaksIn(`${(thrown as ConfigError).message}${inspect(thrown, { depth: null })}`)).toEqual([]);
      }
    }
  });

  it.each([
    `token: "${aSecret("open").replaceAll('"', "")}`,
    `token: ${aSecret("colon")}: other`,
    `token: a\n\t${aSecret("tab")}: b`,
    `token: ${aSecret("one")}\ntoken: ${aSecret("other")}`,
    `token: *${aSecret("alias").replace(/\W.*/, "")}`,
    `token: !${aSecret("tag").replace(/\W.*/, "")} x`,
    `token: [${aSecret("list")}`,
    `${aSecret("key")}: x`,
    aSecret("nothing-else"),
  ])("no fault of YAML quotes a secret: %s", async (text) => {
    const file = join(folder.path, "broken.yaml");
    await writeFile(file, `alerting:\n  ${text.replaceAll("\n", "\n  ")}\n`);
    const thrown: unknown = await loadConfig({ file, ...kinds, env: {} }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ConfigError);
    expect(leaksIn((thrown as ConfigError).message)).toEqual([]);
  });
});

/** Each makes something wrong of a secret with its key. */
const FAULTS: readonly ((key: string, secret: string) => object)[] = [
  (key, secret) => ({ [key]: { [key]: secret } }),
  (key, secret) => ({ [key]: [secret] }),
  (key, secret) => ({ [`${key}z`]: secret }),
  (key, secret) => ({ [key]: secret, [`${key}_file`]: "missing" }),
  (key, secret) => ({ [key]: `${secret}\${` }),
  (key, secret) => ({ [key]: `${secret}\${PLANT_NOTHING}` }),
];

/** Copies settings with every planted secret replaced by what is made of it and its key. */
function mapSecrets(value: unknown, change: (key: string, secret: string) => object): object {
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? mapSecrets(one, change) : (one as object)));
  const entries = Object.entries(value as object).map(([key, one]: [string, unknown]): object => {
    if (typeof one === "string" && leaksIn(one).length > 0) return change(key, one);
    return { [key]: isObject(one) ? mapSecrets(one, change) : one };
  });
  return Object.assign({}, ...entries) as object;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

describe.each(WAYS.map((way, nth) => ({ way, nth })))("given by $way", ({ way, nth }) => {
  it(
    "no output of the service or of a command has a secret",
    async () => {
      const planted = await plantAll(way);
      const [first, ...others] = planted.slice(0, SKELETONS);
      const own = join(folder.path, way);
      await mkdir(own);
      const env = Object.assign({}, ...planted.map((one) => one.env)) as Record<string, string>;
      const web = await writeWebConfig(own);
      lab.setEcho(ECHOES[nth % ECHOES.length] ?? "refusal");
      const service = await startPlantedService({
        folder: own,
        lab,
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
          lab.setEcho(ECHOES[(nth + i + 1) % ECHOES.length] ?? "refusal");
          expect(await service.reload(next.settings)).toMatchObject({ text: expect.stringContaining("was reloaded") });
          await use(service, next);
        }
        const databaseFile = join(own, "postgres.yaml");
        await writeFile(databaseFile, JSON.stringify(planted[SKELETONS]?.settings));
        const commands = (COMMANDS[nth] ?? []).map((command) => [command, service.configFile] as const);
        outputs.push(...(await runCommands([...commands, ["deliveries list --json", databaseFile]], own, env)));
        const paths = await crawl(async (path) => (await service.ask(path)).text);
        expect(paths.length).toBeGreaterThan(40);
        await service.ask("/metrics", { headers: { accept: "application/openmetrics-text; version=1.0.0" } });
        const [literal] = await plantAll("literal");
        const refused = await service.reload(mapSecrets(literal?.settings, (key, secret) => ({ [key]: [secret] })));
        expect(refused).toMatchObject({ status: 500, text: expect.stringContaining("was not reloaded") });
      } finally {
        await service.stop();
      }
      outputs.push(...service.answers, { where: "log", text: await service.log() }, ...(await service.storeFiles()));
      outputs.push(...lab.spans.requests.map(({ body }) => ({ where: "spans", text: body })));
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

/** It is a dozen of processes on a machine that may do other things too. */
const TIME_LIMIT = 240_000;

const PATIENCE = { deadlineMs: 45_000 };

/** TLS with a key that is written down, and a user with a password. */
async function writeWebConfig(own: string) {
  const certificate = await lab.authority.issue({ hosts: ["127.0.0.1"] });
  const password = aSecret("web");
  const hashed = await hash(password, { cost: 4 });
  const file = join(own, "web.yaml");
  const settings = {
    tls_server_config: { cert: certificate.certificatePem, key: certificate.keyPem },
    basic_auth_users: { operator: hashed },
  };
  await writeFile(file, JSON.stringify(settings));
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

/** Those of each way of {@link WAYS}. */
const COMMANDS = [
  ["check --connect", "grafana push", "deliveries list"],
  ["check --connect --json", "test-notify telegram", "deliveries list --json"],
  ["collect proxmox/trusted --debug", "grafana push --json", "correlate --service shop --json"],
];
