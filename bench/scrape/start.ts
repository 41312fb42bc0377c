import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { median, round, type Report } from "../report.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const STARTS = 7;
/** Milliseconds until the memory of a start has settled. */
const REST = 10_000;

/** Measures the built service without targets: from the start of its process to its first metrics, and its memory. */
export async function measureStart(): Promise<Report> {
  if (!existsSync(MAIN)) {
    return { rows: [], figures: {}, skipped: ["first_metrics_s, idle_rss_mb: run `npm run build` first"] };
  }
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-bench-"));
  try {
    const times: number[] = [];
    for (let i = 0; i < STARTS; i++) times.push(await withService(folder, async (_, seconds) => seconds));
    const rss = await withService(folder, async (service) => {
      await setTimeout(REST);
      return residentMemory(service);
    });
    return report(round(median(times)), rss);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report(seconds: number, rss: number | undefined): Report {
  const start = {
    what: "from the start of the process to the first metrics",
    ours: `${seconds} s`,
    against: "aim < 0.6 s",
  };
  if (rss === undefined) {
    const skipped = ["idle_rss_mb: this system has no /proc"];
    return { rows: [start], figures: { first_metrics_s: seconds }, skipped };
  }
  const megabytes = round(rss / 1e6);
  const idle = { what: "resident memory without targets", ours: `${megabytes} MB`, against: "aim < 110 MB" };
  return { rows: [start, idle], figures: { first_metrics_s: seconds, idle_rss_mb: megabytes }, skipped: [] };
}

/** Starts the service, waits for its first metrics, and stops it after `use`, which gets the seconds that took. */
async function withService<T>(folder: string, use: (service: ChildProcess, seconds: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const config = join(folder, "watchkeeper.yaml");
  await writeFile(config, `server: { listen: "127.0.0.1:${port}" }\nlog: { level: error }\n`);
  const begun = performance.now();
  const service = spawn(process.execPath, [MAIN, "serve", "--config", config], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(service, "exit");
  try {
    while (!(await answers(`http://127.0.0.1:${port}/metrics`))) {
      if (service.exitCode !== null) throw new Error(`the service ended with exit code ${service.exitCode}`);
      await setTimeout(2);
    }
    return await use(service, (performance.now() - begun) / 1_000);
  } finally {
    service.kill("SIGTERM");
    await ended;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Bytes, where the kernel tells them: https://docs.kernel.org/filesystems/proc.html */
function residentMemory({ pid }: ChildProcess): number | undefined {
  const file = `/proc/${pid}/status`;
  const found = existsSync(file) ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  return found === undefined ? undefined : Number(found) * 1024;
}
