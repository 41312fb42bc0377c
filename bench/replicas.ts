import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { replicaMetrics } from "../src/core/replica-metrics.ts";
import { createTemporaryFolder } from "../test/helpers/janitor.ts";
import { startPostgres } from "../test/helpers/postgres.ts";
import { startReplica, type ReplicaService } from "../test/helpers/replica-service.ts";
import { waitUntil } from "../test/helpers/wait-until.ts";
import { findPeers } from "./peers.ts";
import { startLab, type LabProcess } from "./proxmox/lab-process.ts";
import { joinReports, nothing, report, type Report } from "./report.ts";
import { cpuSecondsOf, residentMemory } from "./usage.ts";

const REPLICAS = [1, 2, 3, 4];
const TARGETS = 24;
/** Of each target: a Proxmox VE cluster. */
const CLUSTER = { nodes: 3, guests: 200 };
/** How long each number of replicas is watched, and scraped as Prometheus does. */
const WATCHED_MS = 14_000;
const SCRAPES = 2;

/** Measures how targets and their cost are divided among one to four replicas, and how long a killed one is missed. */
export async function measureReplicas(): Promise<Report> {
  const peers = await findPeers("postgres");
  if ("problem" in peers) return nothing("everything", peers.problem);
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
    return joinReports([...reports, await measureTakeover(replicas), report([], { peers: peers.titles })]);
  } finally {
    await Promise.all(replicas.map((replica) => replica.close()));
    await lab.stop();
    await server.stop();
    await folder.remove();
  }
}

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
  return sharesReport(shares, count);
}

function sharesReport(shares: readonly Share[], count: number): Report {
  const row = (what: string, unit: string, name: string, valueOf: (share: Share) => number) => {
    const values = shares.map(valueOf);
    const each = values.map((value) => Number(value.toPrecision(3)).toLocaleString("en-GB"));
    return {
      what,
      unit,
      ours: Math.max(...values),
      figure: `${name}_${count}`,
      ...(count > 1 && { note: `of each: ${each.join("; ")}` }),
    };
  };
  return report([
    row(`targets of the largest share, of ${count} replicas`, "", "targets_per_replica", ({ targets }) => targets),
    row("  series of the largest share", "", "series_per_replica", ({ series }) => series),
    row("  processors in use, of the busiest", "", "cpu_per_replica", ({ cpu }) => cpu),
    row("  resident memory, of the largest", "MB", "rss_mb_per_replica", ({ rss }) => rss / 1e6),
  ]);
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
  return { targets: readTargets(text).size, series, cpu, rss: residentMemory(pid) };
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
  return report([
    {
      what: `from kill -9 of a replica with ${lost} targets until the others show their values`,
      unit: "s",
      ours: (performance.now() - begun) / 1_000,
      figure: "takeover_s",
      aim: { is: "<=", value: 30 },
    },
  ]);
}
