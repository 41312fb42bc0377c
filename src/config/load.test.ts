import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../core/errors.ts";
import { secretId, token } from "./__fixtures__/fake-collector.ts";
import { fakeKinds } from "./__fixtures__/fake-kinds.ts";
import { renderEffective } from "./effective.ts";
import { loadConfig } from "./load.ts";
import type { Environment } from "./references.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchkeeper-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (file: string, env: Environment = {}) => loadConfig({ file, ...fakeKinds, env });

async function loadText(text: string | Uint8Array, env: Environment = {}) {
  const file = join(folder, "watchkeeper.yaml");
  await writeFile(file, text);
  return load(file, env);
}

async function messageOf(loading: Promise<unknown>, place = folder): Promise<string> {
  const thrown: unknown = await loading.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ConfigError)) throw new Error("expected a ConfigError", { cause: thrown });
  return thrown.message.replaceAll(`${place}/`, "");
}

const TARGET = `
targets:
  safe:
    - name: prod
      nodes: [{ url: "https://vault.example:8200/" }]
      auth: { method: token, token: hunter2 }
`;

describe("bad configurations", () => {
  const bad = join(import.meta.dirname, "__fixtures__/bad");
  const names = readdirSync(bad).flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -".yaml".length)] : []));

  /** A first line such as `# env: NAME=value OTHER=value` is the environment. */
  const environmentOf = (text: string): Environment =>
    Object.fromEntries(
      (/^# env: (.*)$/m.exec(text)?.[1] ?? "").split(" ").flatMap((pair): [string, string][] => {
        const [name = "", ...value] = pair.split("=");
        return name === ""
          ? []
          : [
              [
                name,
                value
                  .join("=")
                  .replaceAll(String.raw`\n`, "\n")
                  .replaceAll(String.raw`\t`, "\t"),
              ],
            ];
      }),
    );

  it.each(names)("%s", async (name) => {
    const file = join(bad, `${name}.yaml`);
    const message = await messageOf(load(file, environmentOf(await readFile(file, "utf8"))), bad);
    expect(message).not.toContain("hunter2");
    await expect(`${message}\n`).toMatchFileSnapshot(join(bad, `${name}.txt`));
  });
});

describe("a good configuration", () => {
  it("needs no file that it names where none is read, and is checked as strictly otherwise", async () => {
    const file = join(folder, "watchkeeper.yaml");
    const load = () => loadConfig({ file, ...fakeKinds, env: {}, withoutFiles: true });
    const text = TARGET.replace("token: hunter2", "token_file: nowhere");
    await writeFile(file, text);
    expect((await load()).targets.map(({ name }) => name)).toEqual(["prod"]);
    await writeFile(file, text.replace("token_file", "token_fil"));
    expect(await messageOf(load())).toContain('unknown key "token_fil"');
  });

  it("has the settings of the file, the defaults, and one target for each entry", async () => {
    const config = await loadText(`
server: { listen: ":9000" }
log: { format: text }
targets:
  plain: [{ name: door, url: https://door.example }]
  safe:
    - name: prod
      nodes: [
        { url: "https://vault.example:8200/" },
      ]
      auth: { method: approle, role_id: "1", secret_id: hunter2 }
      every: 1m30s
`);
    expect(config.server).toEqual({ listen: { port: 9000 }, external_url: "http://localhost:9000" });
    expect(config.log).toEqual({ level: "info", format: "text" });
    expect(config.targets.map(({ collector, name, pace }) => ({ collector, name, pace }))).toEqual([
      { collector: "safe", name: "prod", pace: 1 },
      { collector: "plain", name: "door", pace: 1 },
    ]);
    expect(config.targets[0]?.config).toMatchObject({
      nodes: [{ url: "https://vault.example:8200", weight: 1 }],
      auth: { method: "approle", role_id: "1", mount: "approle" },
      every: 90_000,
      verify: true,
    });
  });

  it("tells an external URL that was given from one that is assumed", async () => {
    const { server } = await loadText("server: { external_url: 'http://localhost:9797' }");
    expect(server).toMatchObject({ external_url: "http://localhost:9797", is_external_url_given: true });
    expect((await loadText("log: {}")).server).not.toHaveProperty("is_external_url_given");
  });

  it("may have no targets", async () => {
    expect((await loadText("log: { level: debug }")).targets).toEqual([]);
  });

  it.each([
    ["127.0.0.1:9797", { host: "127.0.0.1", port: 9797 }, "http://localhost:9797"],
    [":0", { port: 0 }, "http://localhost:0"],
    ["[::1]:80", { host: "::1", port: 80 }, "http://localhost:80"],
    ["[fd00::5]:80", { host: "fd00::5", port: 80 }, "http://[fd00::5]:80"],
    ["watch.example:80", { host: "watch.example", port: 80 }, "http://watch.example:80"],
  ])("listens on %s", async (text, listen, url) => {
    const { server } = await loadText("log: {}", { WATCHKEEPER_SERVER_LISTEN: text });
    expect(server).toEqual({ listen, external_url: url });
  });

  it("takes a byte order mark, line breaks of Windows and aliases", async () => {
    const config = await loadText(
      "\uFEFFtargets:\r\n  plain:\r\n    - { name: a, url: &url https://a.example }\r\n    - { name: b, url: *url }\r\n",
    );
    expect(config.targets.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("says what is to differ from the alerts, thresholds in the unit of each", async () => {
    const { rules } = await loadText(
      `
rules:
  ShelfGone: { enabled: false, for: 0s, keep_firing_for: 1h }
  ShelfFilling: { threshold: "\${MOST}", severity: critical }
  ShelfOld: { threshold: 7d }
  ShelfHot: { threshold: -20 }
`,
      { MOST: ".95" },
    );
    expect(rules).toEqual({
      ShelfGone: { enabled: false, for: 0, keepFiringFor: 3_600_000 },
      ShelfFilling: { threshold: 0.95, severity: "critical" },
      ShelfOld: { threshold: 604_800 },
      ShelfHot: { threshold: -20 },
    });
    expect((await loadText("log: {}")).rules).toBeUndefined();
  });

  it("gives each secret as a literal or a file beside the configuration", async () => {
    await writeFile(join(folder, "secret-id"), "hunter3");
    const config = await loadText(`
targets:
  safe:
    - name: a
      nodes: [{ url: "https://a.example" }]
      auth: { method: token, token: hunter2 }
    - name: b
      nodes: [{ url: "https://b.example" }]
      auth: { method: approle, role_id: "1", secret_id_file: ./secret-id }
`);
    const [a, b] = config.targets.map((target) => Reflect.get(target.config, "auth"));
    expect(token.source(a).file).toBeUndefined();
    expect(token.source(a).value?.reveal()).toBe("hunter2");
    expect(secretId.source(b)).toEqual({ value: undefined, file: join(folder, "secret-id") });
  });
});

describe("the environment", () => {
  it("fills references in", async () => {
    const config = await loadText(
      `
targets:
  safe:
    - name: "\${NAME}-\${SUFFIX:-1}\${EMPTY:-}"
      nodes: [{ url: "https://\${HOST}:8200", weight: "\${WEIGHT}" }]
      auth: { method: "\${METHOD}", token: "\${TOKEN}$\${x}" }
      pace: \${PACE:-.5}
      verify: \${VERIFY}
`,
      {
        NAME: "a",
        HOST: "vault.example",
        WEIGHT: "3",
        METHOD: "token",
        TOKEN: "hunter2: {",
        VERIFY: "False",
        EMPTY: "",
      },
    );
    const target = config.targets[0];
    expect(target?.config).toMatchObject({
      name: "a-1",
      nodes: [{ url: "https://vault.example:8200", weight: 3 }],
      pace: 0.5,
      verify: false,
    });
    expect(token.source(Reflect.get(target?.config ?? {}, "auth")).value?.reveal()).toBe("hunter2: {${x}");
  });

  it("overrides the file, also where it names a variable that is not set", async () => {
    const config = await loadText("log: { level: '${LEVEL}', format: json }", {
      WATCHKEEPER_LOG_LEVEL: "warn",
      WATCHKEEPER_LOG_FORMAT: "",
      WATCHKEEPER_SERVER_EXTERNAL_URL: "https://watch.example/",
      WATCHKEEPER_CONFIG: "elsewhere.yaml",
    });
    expect(config.log).toEqual({ level: "warn", format: "json" });
    expect(config.server.external_url).toBe("https://watch.example");
  });

  it("may have what Kubernetes makes for a service of this name, and what the file names", async () => {
    const env = {
      WATCHKEEPER_SERVICE_HOST: "10.0.0.1",
      WATCHKEEPER_SERVICE_PORT: "9797",
      WATCHKEEPER_SERVICE_PORT_HTTP: "9797",
      WATCHKEEPER_PORT: "tcp://10.0.0.1:9797",
      WATCHKEEPER_PORT_9797_TCP: "tcp://10.0.0.1:9797",
      WATCHKEEPER_PORT_9797_TCP_PROTO: "tcp",
      WATCHKEEPER_PORT_9797_TCP_PORT: "9797",
      WATCHKEEPER_PORT_9797_TCP_ADDR: "10.0.0.1",
      WATCHKEEPER_TOKEN: "hunter2",
    };
    await expect(loadText(TARGET.replace("hunter2", '"${WATCHKEEPER_TOKEN}"'), env)).resolves.toBeDefined();
    expect(await messageOf(loadText(TARGET, { WATCHKEEPER_PORT: "9797" }))).toContain("WATCHKEEPER_PORT");
  });

  it("is not searched beyond its own names", async () => {
    expect(await messageOf(loadText("log: { level: '${constructor}' }"))).toBe(
      "watchkeeper.yaml:1:15 log.level: environment variable constructor is not set",
    );
  });
});

describe("a file that is no configuration", () => {
  it.each([
    ["no-such-file.yaml", "cannot be read: no such file; write one or pass --config"],
    [".", "cannot be read: it is a folder; name the file"],
  ])("%s", async (name, message) => {
    expect(await messageOf(load(join(folder, name)))).toContain(message);
  });

  it.each<[string, string | Uint8Array, string]>([
    ["Latin-1", Buffer.from("log:\n  level: g\u00fct\n", "latin1"), "watchkeeper.yaml:2:1: is not UTF-8 text"],
    ["UTF-16", Buffer.from("\uFEFFlog: {}\n", "utf16le"), "watchkeeper.yaml:1:1: is not UTF-8 text"],
    ["10 MB", "# comment\n".repeat(1_000_000), "watchkeeper.yaml: is larger than 1 MiB"],
    ["deep brackets", "[".repeat(100_000), "nested too deeply"],
    ["deep lists", "- ".repeat(100_000), "nested too deeply"],
    ["very long keys", `${"a".repeat(2000)}: 1`, "longer than 1024 characters"],
    ["many aliases", `a: &a x\nb: [${"*a,".repeat(50_000)}]`, "expands to too much"],
  ])("%s", async (_name, text, message) => {
    expect(await messageOf(loadText(text))).toContain(message);
  });
});

describe("the effective configuration", () => {
  it("is printed with its defaults and without its secrets", async () => {
    const config = await loadText(TARGET, { WATCHKEEPER_LOG_LEVEL: "warn" });
    expect(renderEffective(config)).toBe(`server:
  listen: 127.0.0.1:9797
  external_url: http://localhost:9797
log:
  level: warn
  format: json
targets:
  safe:
    - name: prod
      pace: 1
      concurrency: 4
      nodes:
        - url: https://vault.example:8200/
          weight: 1
      auth:
        method: token
        token: <redacted>
      every: 30s
      verify: true
store:
  sqlite:
    path: ${join(folder, "watchkeeper.db")}
`);
  });

  it("holds no secret in any rendering of the configuration", async () => {
    const config = await loadText(TARGET);
    expect(JSON.stringify(config) + inspect(config, { depth: 20 }) + renderEffective(config)).not.toContain("hunter2");
  });
});
