import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { replicaMetrics } from "../src/core/replica-metrics.ts";
import { packageRoot } from "../src/lib/package.ts";
import { createTemporaryFolder } from "../test/helpers/janitor.ts";
import { startPostgres } from "../test/helpers/postgres.ts";
import { findProgram, INSTALL_PROGRAMS } from "../test/helpers/programs.ts";
import { startReplica, type ReplicaService } from "../test/helpers/replica-service.ts";
import { waitUntil } from "../test/helpers/wait-until.ts";
import { cpuSecondsOf, residentMemory } from "./intake/usage.ts";
import { startLab, type LabProcess } from "./proxmox/lab-process.ts";
import { joinReports, round, type Report } from "./report.ts";

const REPLICAS = [1, 2, 3, 4];
const TARGETS = 24;
/** Of each target: a Proxmox VE cluster. */
const CLUSTER = { nodes: 3, guests: 200 };
/** How long each number of replicas is watched, and scraped as Prometheus does. */
const WATCHED_MS = 14_000;
const SCRAPES = 2;
const TAKEN_OVER_MS = 30_000;

/** Measures how targets and their cost are divided among one to four replicas, and how long a killed one is missed. */
export async function measureReplicas(): Promise<Report> {
  if (!existsSync(join(packageRoot, "dist/cli/main.js"))) return nothing("run `npm run build` first");
  if (findProgram("initdb") === undefined) return nothing(`there is no PostgreSQL here; ${INSTALL_PROGRAMS}`);
  const [server, lab, folder] = await Promise.all([
    startPostgres(),
    startLab(CLUSTER),
    createTemporaryFolder("bench-replicas"),
  ]);
  const replicas: ReplicaService[] = [];
  try {
    const config = { log: { level: "error" }, targets: { proxmox: await targetsOf(lab, folder.path) } };
    const reports: Report[] = [];
    for (const count of REPLICAS) {
      replicas.push(await startReplica(server.url, config));
      reports.push(await measureShares(replicas, count));
    }
    return joinReports([...reports, await measureTakeover(replicas)]);
  } finally {
    await Promise.all(replicas.map((replica) => replica.close()));
    await lab.stop();
    await server.stop();
    await folder.remove();
  }
}

const nothing = (reason: string): Report => ({ rows: [], figures: {}, skipped: [`everything: ${reason}`] });

async function targetsOf(lab: LabProcess, folder: string): Promise<readonly object[]> {
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, lab.caPem);
  const { id, secret } = lab.tokens.ours;
  const nodes = lab.nodes.map(({ url }) => url);
  const names = Array.from({ length: TARGETS }, (_, i) => `cluster-${String(i).padStart(2, "0")}`);
  return names.map((name) => ({ name, nodes, ca_file: caFile, token_id: id, token_secret: secret }));
}

interface Share {
  readonly targets: number;
  readonly series: number;
  /** Processors in use. */
  readonly cpu: number;
  readonly rss: number;
}

async function measureShares(replicas: readonly ReplicaService[], count: number): Promise<Report> {
  await waitUntil(`${count} replicas divide the targets`, () => isDivided(replicas, count), {
    deadlineMs: 60_000,
    everyMs: 500,
  });
  const shares = await Promise.all(replicas.map(watch));
  const most = (value: (share: Share) => number): number => Math.max(...shares.map(value));
  const figures = {
    [`targets_per_replica_${count}`]: most(({ targets }) => targets),
    [`series_per_replica_${count}`]: most(({ series }) => series),
    [`cpu_per_replica_${count}`]: round(most(({ cpu }) => cpu)),
    [`rss_mb_per_replica_${count}`]: round(most(({ rss }) => rss) / 1e6),
  };
  const each = (text: (share: Share) => string): string => shares.map(text).join(", ");
  const total = `${TARGETS} targets in all`;
  return {
    rows: [
      {
        what: `targets of each of ${count} replicas, on ${availableParallelism()} cores for all`,
        ours: each(({ targets }) => String(targets)),
        against: total,
      },
      { what: "  their series", ours: each(({ series }) => String(series)), against: "" },
      { what: "  processors in use", ours: each(({ cpu }) => String(round(cpu))), against: "" },
      { what: "  resident memory", ours: each(({ rss }) => `${round(rss / 1e6)} MB`), against: "" },
    ],
    figures,
    skipped: [],
  };
}

async function isDivided(replicas: readonly ReplicaService[], count: number): Promise<boolean> {
  const texts = await Promise.all(replicas.map(async (one) => (await one.get("/metrics")).text));
  const members = texts.map((text) =>
    Number(new RegExp(`^${replicaMetrics.members.name} (\\d+)$`, "m").exec(text)?.[1]),
  );
  const read = texts.map(readTargets);
  const total = read.reduce((sum, targets) => sum + targets.size, 0);
  return (
    members.every((seen) => seen === count) &&
    total === TARGETS &&
    new Set(read.flatMap((one) => [...one])).size === TARGETS
  );
}

/** Names of the targets of which something was read. */
const readTargets = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^(?!watchkeeper_)\w+\{target="([^"]+)"/gm)].map(([, target = ""]) => target));

/** Looks at one replica for a while, and scrapes it meanwhile. */
async function watch(replica: ReplicaService): Promise<Share> {
  const { pid } = replica.process;
  const before = cpuSecondsOf(pid);
  const begun = performance.now();
  let text = "";
  for (let i = 0; i < SCRAPES; i += 1) {
    await pause(WATCHED_MS / SCRAPES);
    ({ text } = await replica.get("/metrics"));
  }
  const cpu = (cpuSecondsOf(pid) - before) / ((performance.now() - begun) / 1_000);
  const series = text.match(/^\w+\{target="/gm)?.length ?? 0;
  return { targets: readTargets(text).size, series, cpu, rss: residentMemory(pid) ?? Number.NaN };
}

/** Kills the first replica, and waits until the others show what it had. */
async function measureTakeover(replicas: readonly ReplicaService[]): Promise<Report> {
  const [victim, ...others] = replicas;
  const lost = readTargets((await victim?.get("/metrics"))?.text ?? "").size;
  const begun = performance.now();
  await victim?.kill();
  await waitUntil("the others show all targets", () => isDivided(others, others.length), {
    deadlineMs: 60_000,
    everyMs: 250,
  });
  const seconds = round((performance.now() - begun) / 1_000);
  return {
    rows: [
      {
        what: `from kill -9 of a replica with ${lost} targets until the others show their values`,
        ours: `${seconds} s`,
        against: `aim <= ${TAKEN_OVER_MS / 1_000} s`,
      },
    ],
    figures: { takeover_s: seconds },
    skipped: [],
  };
}
