import { existsSync, readFileSync, statSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { renderAlertmanagerConfig } from "../../src/alerting/configs/alertmanager-config.ts";
import { kinds } from "../../src/cli/kinds.ts";
import { packs } from "../../src/collectors/index.ts";
import { loadConfig } from "../../src/config/load.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { COMPOSE_FOLDER, composeService, interpolated, readComposeFile } from "../helpers/compose-file.ts";
import { placeServices } from "../helpers/compose-place.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";
import { readPages } from "../helpers/read-docs.ts";

const file = readComposeFile();
const services = Object.entries(file.services);

/** Services that differ from the others in one thing; compose.yaml has the reason in a comment at each. */
const WRITES_ITS_ROOT = new Set(["elasticsearch"]);
const KEEPS_ITS_LOG = new Set(["otel-collector"]);
const IS_CHECKED_ELSEWHERE = new Set(["watchkeeper", "otel-collector"]);

/** What of a service listens where: in its container, for the other services. */
const PORTS: Readonly<Record<string, readonly number[]>> = {
  watchkeeper: [9797],
  prometheus: [9090],
  alertmanager: [9093],
  grafana: [3000],
  tempo: [3200, 4318],
  "otel-collector": [4317, 4318, 8888, 24224],
  elasticsearch: [9200],
};

const CONFIG_FILES = [
  "compose.yaml",
  "watchkeeper/watchkeeper.yaml",
  "prometheus/prometheus.yml",
  "alertmanager/alertmanager.yml",
  "tempo/tempo.yaml",
  "otel-collector/config.yaml",
  "elasticsearch/setup.sh",
];
const textOf = (path: string): string => readFileSync(join(COMPOSE_FOLDER, path), "utf8");

describe.each(services)("the service %s of the compose file", (name, service) => {
  const endsByItself = service.restart === "no";

  it("may do nothing but what its own process needs", () => {
    expect(service).toMatchObject({
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      read_only: !WRITES_ITS_ROOT.has(name),
      user: expect.stringMatching(/^[1-9]\d*:\d+$/) as string,
      mem_limit: expect.stringMatching(/^\d+[mg]$/) as string,
    });
  });

  it("has an image with a whole version", () => {
    const tag = interpolated(service.image, {}).split(":").at(-1);
    expect(tag).toMatch(/^v?\d+\.\d+\.\d+$/);
  });

  it("is published on loopback only", () => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    const published = service.ports.map((port) => Number(port.split(":").at(-1)));
    expect((PORTS[name] ?? []).filter((port) => published.includes(port))).toEqual(published);
    expect(service.networks.includes("front")).toBe(published.length > 0);
  });

  it("is checked for its health, or is known not to be", () => {
    expect(service.healthcheck !== undefined).toBe(!endsByItself && !IS_CHECKED_ELSEWHERE.has(name));
  });

  it("sends its log to the collector", () => {
    expect(service.logging.driver === "fluentd").toBe(!KEEPS_ITS_LOG.has(name));
  });

  it("waits only for what comes about", () => {
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      const { restart, healthcheck } = composeService(file, other);
      const comesAbout = condition === "service_completed_successfully" ? restart === "no" : healthcheck !== undefined;
      expect({ other, comesAbout }).toEqual({ other, comesAbout: true });
    }
  });

  it("mounts what is there, read-only, and nothing into another mount", () => {
    const targets = [...service.volumes, ...service.secrets].map(({ target }) => target);
    for (const { source, target, isReadOnly, isVolume } of service.volumes) {
      expect(isVolume ? Object.hasOwn(file.volumes, source) : existsSync(join(COMPOSE_FOLDER, source))).toBe(true);
      expect({ source, isReadOnly: isVolume || isReadOnly }).toEqual({ source, isReadOnly: true });
      // the engine can not make a mount point in what is read-only
      expect(isReadOnly ? targets.filter((other) => other.startsWith(`${target}/`)) : []).toEqual([]);
    }
  });

  it("takes its passwords from files", () => {
    expect(service.secrets.filter(({ source }) => !Object.hasOwn(file.secrets, source))).toEqual([]);
    const literals = Object.entries(service.environment).filter(
      ([key, value]) => /password|secret|token|key$/i.test(key) && !value.startsWith("/run/secrets/"),
    );
    expect(literals).toEqual([]);
  });
});

describe("the compose stack", () => {
  it("keeps Elasticsearch and Tempo in a network that has no way out", () => {
    expect(file.networks["back"]).toEqual({ internal: true });
    for (const name of ["elasticsearch", "tempo"]) expect(composeService(file, name).networks).toEqual(["back"]);
  });

  it("runs the Elasticsearch that the tests run", async () => {
    const versions = await readFile(join(packageRoot, "test/real/versions.env"), "utf8");
    const version = /^ELASTICSEARCH_VERSION=(\S+)$/m.exec(versions)?.[1];
    for (const name of ["elasticsearch", "elasticsearch-setup"])
      expect(composeService(file, name).image).toBe(`docker.elastic.co/elasticsearch/elasticsearch:${version}`);
  });

  it("runs the version of Watchkeeper that the repository is", async () => {
    const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { version: string };
    expect(interpolated(composeService(file, "watchkeeper").image, {})).toBe(`watchkeeper:${version}`);
    expect(interpolated(composeService(file, "watchkeeper").image, { WATCHKEEPER_VERSION: "9.9.9" })).toBe(
      "watchkeeper:9.9.9",
    );
  });

  it("builds the image that checks its own health", async () => {
    const { build } = composeService(file, "watchkeeper");
    const path = join(COMPOSE_FOLDER, build?.context ?? "", build?.dockerfile ?? "");
    expect(await readFile(path, "utf8")).toMatch(/^HEALTHCHECK /m);
  });

  it("does not start without a topic and settings, and says what to do", () => {
    const required = new Set(textOf("compose.yaml").match(/\$\{\w+:\?[^}]*\}/g));
    const messages = [...required].map((text) => {
      try {
        return interpolated(text, {});
      } catch (thrown) {
        return (thrown as Error).message;
      }
    });
    const remedy = "is missing in .env - docs/install-compose.md has the command that writes it";
    expect(messages).toEqual([`NTFY_TOPIC ${remedy}`, `SETTINGS ${remedy}`]);
  });

  it.each(CONFIG_FILES)("names only services and ports that there are in %s", (path) => {
    const named = [...textOf(path).matchAll(/(?:https?:\/\/|["[ ])([a-z][a-z-]+):(\d{4,5})\b/g)];
    const wrong = named
      .map(([, host = "", port]) => [host, Number(port)] as const)
      .filter(([host, port]) => host !== "localhost" && PORTS[host]?.includes(port) !== true);
    expect(wrong).toEqual([]);
  });

  it("listens where the others look for it", () => {
    const config = (path: string): unknown => parse(textOf(path), { merge: true });
    expect(config("watchkeeper/watchkeeper.yaml")).toMatchObject({ server: { listen: ":9797" } });
    expect(config("tempo/tempo.yaml")).toMatchObject({
      server: { http_listen_port: 3200 },
      distributor: { receivers: { otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } } } },
    });
    expect(config("otel-collector/config.yaml")).toMatchObject({
      receivers: {
        otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" }, http: { endpoint: "0.0.0.0:4318" } } },
        fluent_forward: { endpoint: "0.0.0.0:24224" },
      },
      service: { telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { port: 8888 } } } }] } } },
    });
    const addresses = services.flatMap(([, { logging }]) => logging.options["fluentd-address"] ?? []);
    expect(new Set(addresses)).toEqual(new Set(["127.0.0.1:24224"]));
  });

  it("names no path that is not mounted into the service that reads it", () => {
    const readers = {
      watchkeeper: "watchkeeper",
      prometheus: "prometheus",
      tempo: "tempo",
      "otel-collector": "otel-collector",
    };
    for (const [folder, name] of Object.entries(readers)) {
      const { volumes, secrets } = composeService(file, name);
      const mounted = [...volumes, ...secrets].map(({ target }) => target);
      const paths = CONFIG_FILES.filter((path) => path.startsWith(`${folder}/`)).flatMap((path) =>
        [
          ...textOf(path)
            .replaceAll(/^\s*#.*/gm, "")
            .matchAll(/(?<=[\s:["])\/[a-z][\w./*-]+/g),
        ].map(([text]) => text),
      );
      const lost = paths.filter(
        (path) => !mounted.some((one) => path === one || path.startsWith(posix.join(one, "/"))),
      );
      expect({ name, lost }).toEqual({ name, lost: [] });
    }
  });

  it("has YAML without faults", () => {
    for (const path of CONFIG_FILES.filter((one) => /\.ya?ml$/.test(one)))
      expect(parseAllDocuments(textOf(path)).flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  });

  it("has the configuration of Alertmanager that Watchkeeper writes for it", async () => {
    const folder = await createTemporaryFolder("compose-alertmanager");
    onTestFinished(() => folder.remove());
    const { services: placed } = await placeServices(file, ["watchkeeper"], {
      folder: folder.path,
      ports: {},
      texts: [],
      secrets: { "webhook-token": "planted", "elasticsearch-reader-password": "planted" },
      env: { NTFY_TOPIC: "trial" },
    });
    const { root, env } = placed.watchkeeper;
    const config = await loadConfig({ file: join(root, "etc/watchkeeper/watchkeeper.yaml"), env, ...kinds });
    const [source, ...others] = config.alerting?.sources ?? [];
    if (source === undefined) throw new Error("watchkeeper.yaml has no source");
    expect(others).toEqual([]);
    const server = {
      url: "http://watchkeeper:9797",
      hasOwnCertificate: false,
      wantsClientCertificate: false,
      username: undefined,
    };
    // `npm run generate` writes it without reading watchkeeper.yaml
    expect(parse(textOf("alertmanager/alertmanager.yml"))).toEqual(
      parse(renderAlertmanagerConfig(source, server, packs)),
    );
  });
});

describe("the page about the compose stack", () => {
  it("makes what the stack wants of its owner, readable by the containers and nobody else, and left out of git", async () => {
    const folder = await createTemporaryFolder("compose-own");
    onTestFinished(() => folder.remove());
    for (const name of ["watchkeeper", "prometheus"])
      await cp(join(COMPOSE_FOLDER, name), join(folder.path, name), { recursive: true });
    const page = (await readPages()).find(({ path }) => path === "docs/install-compose.md");
    const script = page?.blocks.find(({ text }) => text.includes("> secrets/"))?.text ?? "";
    expect(script).not.toBe("");
    const { code, stderr } = await runProgram("sh", ["-euc", `umask 077; ${script}`], { cwd: folder.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const { file: path } of Object.values(file.secrets))
      expect(readFileSync(join(folder.path, path), "utf8")).toMatch(/^[0-9a-f]{48}$/);
    const modeOf = (path: string): number => statSync(join(folder.path, path)).mode & 0o777;
    const closed = ["secrets", "settings"].map(modeOf);
    expect(closed).toEqual([0o700, 0o700]);
    const open = ["secrets/webhook-token", "settings/watchkeeper", "settings/prometheus/rules"].map(modeOf);
    expect(open).toEqual([0o444, 0o755, 0o755]);
    for (const path of ["watchkeeper/watchkeeper.yaml", "prometheus/prometheus.yml"])
      expect(readFileSync(join(folder.path, "settings", path), "utf8")).toBe(textOf(path));
    const env = readFileSync(join(folder.path, ".env"), "utf8");
    expect(env).toMatch(/^NTFY_TOPIC=watchkeeper-[0-9a-f]{32}\nSETTINGS=\.\/settings\n$/);
    expect(textOf(".gitignore").split("\n")).toEqual(expect.arrayContaining([".env", "secrets/", "settings/"]));
  });
});
