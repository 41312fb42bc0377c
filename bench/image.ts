import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { glob, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildStages } from "../test/helpers/dockerfile-build.ts";
import { readDockerfile } from "../test/helpers/dockerfile.ts";
import { createTemporaryFolder } from "../test/helpers/janitor.ts";
import { packageRoot } from "../src/lib/package.ts";
import { joinReports, median, report, type Measured, type Report } from "./report.ts";
import { ownServer, REST, timeStart, type Server, type Start } from "./start.ts";

const STARTS = 7;
/** So many packages are named with their size. */
const HEAVIEST = 5;

/**
 * Builds what the image has of ours by its Dockerfile, without an engine, and measures its size and its start. The limits are the
 * start of Node.js itself and of a Fastify server with one route, from the same tree.
 */
export async function measureImage(): Promise<Report> {
  const folder = await createTemporaryFolder("bench-image");
  try {
    const stages = readDockerfile(await readFile(join(packageRoot, "deploy/image/Dockerfile"), "utf8"));
    const root = await buildStages(stages, {
      context: packageRoot,
      scratch: folder.path,
      fillBase: async () => undefined,
    });
    const app = join(root, "app");
    return joinReports([await sizesOf(app), await raceStarts(app, folder.path)]);
  } finally {
    await folder.remove();
  }
}

async function sizesOf(app: string): Promise<Report> {
  const total = await bytesBelow(app);
  const modules = await bytesBelow(join(app, "node_modules"));
  const { size: node } = await stat(process.execPath);
  const names = globSync(["[!@]*", "@*/*"], { cwd: join(app, "node_modules") });
  const packages = await Promise.all(
    names.map(async (name) => ({ name, bytes: await bytesBelow(join(app, "node_modules", name)) })),
  );
  const heaviest = packages.toSorted((a, b) => b.bytes - a.bytes).slice(0, HEAVIEST);
  const row = (what: string, bytes: number): Measured => ({ what, unit: "MB", ours: bytes / 1e6 });
  return report([
    {
      ...row("what the image adds to its base", total),
      against: { name: "Node.js alone", value: node / 1e6 },
      figure: "app_mb",
    },
    row("  Watchkeeper itself", total - modules),
    row(`  its ${packages.length} packages, those in others not counted`, modules),
    ...heaviest.map(({ name, bytes }) => row(`  of them ${name}`, bytes)),
  ]);
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of glob("**/*", { cwd: folder, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

/** They take turns, so that drift of the machine hits all alike. */
async function raceStarts(app: string, folder: string): Promise<Report> {
  const paths = ["/-/healthy", "/-/ready"];
  const fastifyFile = join(app, "bench-fastify.mjs");
  await writeFile(fastifyFile, FASTIFY);
  const own = ownServer(join(app, "dist/cli/main.js"), join(folder, "watchkeeper.yaml"), paths);
  const limit: Server = { args: (port) => [fastifyFile, String(port)], paths };
  const bare: number[] = [];
  const fastify: Start[] = [];
  const ours: Start[] = [];
  for (let i = 0; i < STARTS; i++) {
    const rest = i === STARTS - 1 ? REST : 0;
    bare.push(await timeOf(["-e", "0"]));
    fastify.push(await timeStart(limit, rest));
    ours.push(await timeStart(own, rest));
  }
  return startsReport(median(bare), fastify, ours);
}

function startsReport(bareMs: number, fastify: readonly Start[], ours: readonly Start[]): Report {
  const answered = (starts: readonly Start[], path: number): number =>
    median(starts.map(({ answeredMs }) => answeredMs[path] ?? Number.NaN));
  const memory = (starts: readonly Start[]): number => (starts.at(-1)?.rss ?? Number.NaN) / 1e6;
  return report([
    {
      what: "from the start of the process to /-/healthy",
      unit: "ms",
      ours: answered(ours, 0),
      against: { name: "a bare Fastify", value: answered(fastify, 0) },
      figure: "start_ms",
      ratio: { of: "ours / theirs" },
    },
    {
      what: "  the same, against Node.js that does nothing",
      unit: "ms",
      ours: answered(ours, 0),
      against: { name: "node -e 0", value: bareMs },
      ratio: { of: "ours / theirs" },
    },
    { what: "  to /-/ready, without targets", unit: "ms", ours: answered(ours, 1) },
    {
      what: "resident memory at rest",
      unit: "MB",
      ours: memory(ours),
      against: { name: "a bare Fastify", value: memory(fastify) },
      figure: "rss_mb",
      ratio: { of: "ours / theirs" },
    },
  ]);
}

const FASTIFY = `import { fastify } from "fastify";
const app = fastify();
for (const path of ["/-/healthy", "/-/ready"]) app.get(path, () => "ok");
await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
`;

async function timeOf(args: readonly string[]): Promise<number> {
  const begun = performance.now();
  await once(spawn(process.execPath, args, { stdio: "inherit" }), "exit");
  return performance.now() - begun;
}
