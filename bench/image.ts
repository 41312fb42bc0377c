import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { glob, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";
import { buildStages } from "../test/helpers/dockerfile-build.ts";
import { readDockerfile } from "../test/helpers/dockerfile.ts";
import { freePorts } from "../test/helpers/free-ports.ts";
import { createTemporaryFolder } from "../test/helpers/janitor.ts";
import { packageRoot } from "../src/lib/package.ts";
import { median, round, type Report, type Row } from "./report.ts";

const STARTS = 7;
/** Milliseconds until the memory of a start has settled. */
const REST = 10_000;
/** So many packages are named with their size. */
const HEAVIEST = 5;

/** Milliseconds from the start of a process to its answers, and its resident memory in bytes after a rest. */
interface Start {
  readonly healthyMs: number;
  readonly readyMs: number;
  readonly rss: number;
}

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
    const sizes = await sizesOf(app);
    const starts = await raceStarts(app, folder.path);
    return { rows: [...sizes.rows, ...starts.rows], figures: { ...sizes.figures, ...starts.figures }, skipped: [] };
  } finally {
    await folder.remove();
  }
}

async function sizesOf(app: string): Promise<Pick<Report, "rows" | "figures">> {
  const total = await bytesBelow(app);
  const modules = await bytesBelow(join(app, "node_modules"));
  const { size: node } = await stat(process.execPath);
  const names = globSync(["[!@]*", "@*/*"], { cwd: join(app, "node_modules") });
  const packages = await Promise.all(
    names.map(async (name) => ({ name, bytes: await bytesBelow(join(app, "node_modules", name)) })),
  );
  const heaviest = packages.toSorted((a, b) => b.bytes - a.bytes).slice(0, HEAVIEST);
  const row = (what: string, bytes: number, against = ""): Row => ({ what, ours: megabytes(bytes), against });
  return {
    rows: [
      row("what the image adds to its base", total, `${megabytes(node)} Node.js alone`),
      row("  Watchkeeper itself", total - modules),
      row(`  its ${packages.length} packages, those in others not counted`, modules),
      ...heaviest.map(({ name, bytes }) => row(`    ${name}`, bytes)),
    ],
    figures: { app_mb: round(total / 1e6) },
  };
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of glob("**/*", { cwd: folder, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

/** They take turns, so that drift of the machine hits all alike. */
async function raceStarts(app: string, folder: string): Promise<Pick<Report, "rows" | "figures">> {
  const settings = join(folder, "watchkeeper.yaml");
  const server = join(app, "bench-fastify.mjs");
  await writeFile(server, FASTIFY);
  const bare: number[] = [];
  const fastify: Start[] = [];
  const ours: Start[] = [];
  for (let i = 0; i < STARTS; i++) {
    const rest = i === STARTS - 1 ? REST : 0;
    bare.push(await timeOf(["-e", "0"]));
    fastify.push(await startOf((port) => [server, String(port)], rest));
    ours.push(
      await startOf(async (port) => {
        await writeFile(settings, `server: { listen: "127.0.0.1:${port}" }\nlog: { level: error }\n`);
        return [join(app, "dist/cli/main.js"), "serve", "--config", settings];
      }, rest),
    );
  }
  const [node, limit, start, ready] = [
    median(bare),
    median(fastify.map(({ healthyMs }) => healthyMs)),
    median(ours.map(({ healthyMs }) => healthyMs)),
    median(ours.map(({ readyMs }) => readyMs)),
  ];
  const [rss, limitRss] = [ours.at(-1)?.rss ?? Number.NaN, fastify.at(-1)?.rss ?? Number.NaN];
  return {
    rows: [
      compared("from the start of the process to /-/healthy", ms(start), `${ms(limit)} bare Fastify`, start / limit),
      compared("  the same, against Node.js that does nothing", ms(start), `${ms(node)} node -e 0`, start / node),
      { what: "from the start of the process to /-/ready, without targets", ours: ms(ready), against: "" },
      compared("resident memory at rest", megabytes(rss), `${megabytes(limitRss)} bare Fastify`, rss / limitRss),
    ],
    figures: { start_ms: round(start), rss_mb: round(rss / 1e6) },
  };
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

async function startOf(argsFor: (port: number) => Promise<string[]> | string[], restMs: number): Promise<Start> {
  const [port = 0] = await freePorts(1);
  const args = await argsFor(port);
  const begun = performance.now();
  const server = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(server, "exit");
  try {
    const healthyMs = (await answered(server, `http://127.0.0.1:${port}/-/healthy`)) - begun;
    const readyMs = (await answered(server, `http://127.0.0.1:${port}/-/ready`)) - begun;
    await pause(restMs);
    return { healthyMs, readyMs, rss: await residentMemory(server) };
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

/** The moment of the first answer 200. */
async function answered(server: ChildProcess, url: string): Promise<number> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the server ended with exit code ${server.exitCode}`);
    const status = await request(url).then(
      async ({ statusCode, body }) => body.dump().then(() => statusCode),
      () => undefined,
    );
    if (status === 200) return performance.now();
    await pause(2);
  }
}

/** Bytes. Source: https://docs.kernel.org/filesystems/proc.html */
async function residentMemory({ pid }: ChildProcess): Promise<number> {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

const compared = (what: string, ours: string, against: string, ratio: number): Row => ({
  what,
  ours,
  against,
  ratio: String(round(ratio)),
});
const ms = (value: number): string => `${round(value)} ms`;
const megabytes = (bytes: number): string => `${round(bytes / 1e6)} MB`;
