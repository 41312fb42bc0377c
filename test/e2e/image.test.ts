import { globSync } from "node:fs";
import { chown, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { packageRoot, version } from "../../src/lib/package.ts";
import { buildStages } from "../helpers/dockerfile-build.ts";
import { containersImpossible, fillDistroless, inContainer } from "../helpers/dockerfile-container.ts";
import { readDockerfile, type ImageConfig } from "../helpers/dockerfile.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runProgram, startProcess } from "../helpers/process.ts";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
}
interface Bom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly { readonly purl: string; readonly licenses?: readonly unknown[] }[];
}

const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, "utf8")) as T;
const filesOf = (root: string, pattern: string): string[] => globSync(pattern, { cwd: root }).toSorted();

const impossible = containersImpossible();
const mayRun = impossible === undefined ? {} : { skip: true, meta: { skipReason: impossible } };

describe("the image, its Dockerfile carried out in an empty folder", () => {
  let folder: TemporaryFolder;
  let root: string;
  let config: ImageConfig;
  let packages: readonly string[];

  beforeAll(async () => {
    folder = await createTemporaryFolder("image");
    const stages = readDockerfile(await readFile(join(packageRoot, "deploy/image/Dockerfile"), "utf8"));
    ({ config } = stages.at(-1) ?? expect.fail("the Dockerfile has no stage"));
    root = await buildStages(stages, {
      context: packageRoot,
      scratch: folder.path,
      // of the image that builds, the programs of this machine are used
      fillBase: async (image, stage) => (image.includes("distroless") ? fillDistroless(stage) : undefined),
    });
    const manifests = filesOf(join(root, "app"), "node_modules/{*,@*/*,**/node_modules/{*,@*/*}}/package.json");
    packages = manifests.map((file) => file.replace(/\/package\.json$/, ""));
  }, 1_200_000);
  afterAll(() => folder.remove());

  it("holds every production package of the lock file that fits the platform, and no other", async () => {
    const lock = (await readJson<Lock>(join(packageRoot, "package-lock.json"))).packages;
    const of = (isWanted: (entry: Lock["packages"][string]) => boolean): string[] =>
      Object.keys(lock).filter((path) => path !== "" && isWanted(lock[path] ?? {}));
    expect(packages.length).toBeGreaterThan(100);
    expect(of(({ dev, optional }) => dev !== true && optional !== true)).toSatisfy((needed: string[]) =>
      needed.every((path) => packages.includes(path)),
    );
    const production = new Set(of(({ dev }) => dev !== true));
    expect(packages.filter((path) => !production.has(path))).toEqual([]);
    expect(Object.keys(await readJson(join(root, "app/package.json")))).not.toContain("devDependencies");
  });

  it("holds no test, no source, no map of another's, and no build for another system", async () => {
    const all = filesOf(join(root, "app"), "**/*");
    expect(all.filter((file) => /\.[cm]?ts$/.test(file))).toEqual([]);
    expect(
      all.filter((file) => !file.startsWith("node_modules/") && /(^|\/)(tests?|__fixtures__)\/|\.test\./.test(file)),
    ).toEqual([]);
    const native = all.filter((file) => file.endsWith(".node"));
    expect(native).toHaveLength(2);
    for (const file of native) expect(file).toContain(`linux-${process.arch}`);
    expect((await readdir(root)).toSorted()).toEqual(
      ["app", "data", "dev", "etc", "lib", "lib64", "nodejs", "proc", "tmp"].filter(
        (name) => name !== "lib64" || process.arch === "x64",
      ),
    );
  });

  it("has an inventory of exactly what it holds", async () => {
    const bom = await readJson<Bom>(join(root, "app/sbom.cdx.json"));
    expect(bom).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { version } } });
    const manifests = await Promise.all(
      packages.map((path) => readJson<{ name: string; version: string }>(join(root, "app", path, "package.json"))),
    );
    const held = manifests.map((it) => `pkg:npm/${it.name.replace("@", "%40")}@${it.version}`);
    expect([...new Set(bom.components.map(({ purl }) => purl))].toSorted()).toEqual([...new Set(held)].toSorted());
  });

  describe("as a container without an engine", mayRun, () => {
    it("serves as nobody with a read-only root and no shell, is healthy, and ends when it is told to", async () => {
      const [port = 0] = await freePorts(1);
      const url = `http://127.0.0.1:${port}`;
      const place = { root, data: join(folder.path, "data"), settings: join(folder.path, "settings") };
      await Promise.all([mkdir(place.data), mkdir(place.settings)]);
      await chown(place.data, 65_532, 65_532);
      await writeFile(join(place.settings, "watchkeeper.yaml"), settingsText(port));
      const check = inContainer(config, [...config.healthcheck, "--url", url], place);
      const isHealthy = async () => runProgram(check.command, check.args);

      const service = await startProcess({
        ...inContainer(config, [...config.entrypoint, ...config.command], place),
        ready: async () => (await fetch(`${url}/-/ready`)).ok,
      });
      onTestFinished(async () => void (await service.stop()));
      expect(await isHealthy()).toMatchObject({ code: 0, stdout: "Watchkeeper is healthy.\n" });
      expect(await readFile(`/proc/${service.pid}/status`, "utf8")).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain("watchkeeper_build_info");
      expect((await readdir(place.data)).toSorted()).toContain("watchkeeper.db");

      service.signal(config.stopSignal as NodeJS.Signals);
      expect(await service.ended).toEqual({ code: 0, signal: null });
      expect(await isHealthy()).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing listens") });
    });

    it("can write nothing outside of /data and /tmp", async () => {
      const place = { root, data: join(folder.path, "data-2"), settings: folder.path };
      await mkdir(place.data);
      await chown(place.data, 65_532, 65_532);
      const tries = ["/app/x", "/etc/x", "/etc/watchkeeper/x", "/x", "/data/x", "/tmp/x"];
      const script = `for (const file of ${JSON.stringify(tries)}) {
        try { fs.writeFileSync(file, ""); console.log(file); } catch {}
      }
      console.log(child_process.spawnSync("sh").error.code);`;
      const [node = ""] = config.entrypoint;
      const { command, args } = inContainer(config, [node, "-e", script], place);
      expect(await runProgram(command, args)).toMatchObject({ code: 0, stdout: "/data/x\n/tmp/x\nENOENT\n" });
    });
  });
});

/** All that writes: alerts on disk. */
function settingsText(port: number): string {
  return [
    `server: { listen: "127.0.0.1:${port}" }`,
    "targets: {}",
    "store: { sqlite: { path: /data/watchkeeper.db } }",
    "alerting:",
    "  sources: [{ name: main }]",
    '  destinations: [{ name: hook, type: webhook, url: "http://127.0.0.1:1/" }]',
    "  route: { destinations: [hook] }",
    "",
  ].join("\n");
}
