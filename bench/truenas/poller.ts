// Started by poller-process.ts as a process of its own, which does nothing but poll one emulated server.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { trueNasCollector } from "../../src/collectors/truenas/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { keepYoungHeapSmall } from "../../src/lib/heap.ts";
import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { median } from "../report.ts";
import { passTime } from "./clock.ts";
import { cpuSince, createPolling, type PollCost } from "./costs.ts";
import { startLab, type LabProcess } from "./lab-process.ts";
import { parseCost, recordParsed } from "./recording.ts";

/** What one part takes. */
export interface PartCost {
  readonly part: string;
  /** Seconds between two polls. */
  readonly every: number;
  readonly first: PollCost;
  /** Of an hour in steady state, one of each five minutes. */
  readonly steady: readonly PollCost[];
  /** Milliseconds of computing that `JSON.parse` of the answers to each steady poll takes on the average. */
  readonly parseMs: number;
}

/** What the poller found. */
export interface PollerResult {
  readonly datasets: number;
  readonly snapshots: number;
  readonly parts: readonly PartCost[];
  /** Milliseconds of computing that the server's events take in a minute. */
  readonly listeningMs: number;
  /** Bytes. */
  readonly rss: Readonly<Record<"before" | "loaded" | "steady" | "untidied" | "most", number>>;
}

const ROUND = 300_000;
const ROUNDS = 12;
/** As long as the server's events are apart, in milliseconds. */
const WINDOW = 5_000;
const WINDOWS = 5;

type Polling = ReturnType<typeof createPolling>;

const [release = "", datasets = "", snapshotsPerDataset = ""] = process.argv.slice(2);
const { gc } = globalThis;
if (gc === undefined) throw new Error("start it with --expose-gc");
keepYoungHeapSmall();
const lab = await startLab(release as TrueNasRelease, {
  datasets: Number(datasets),
  snapshotsPerDataset: Number(snapshotsPerDataset),
});
const target = await openTarget(lab);
process.send?.(await measure(lab, target));
await target.close();
await lab.stop();

async function openTarget({ url, caPem, username, apiKey }: LabProcess): Promise<OpenTarget> {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-bench-"));
  try {
    const caFile = join(folder, "ca.pem");
    await writeFile(caFile, caPem);
    const config = { name: "nas", url, ca_file: caFile, username, api_key: apiKey };
    return await trueNasCollector.target.parse(config).open();
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(lab: LabProcess, { parts }: OpenTarget): Promise<PollerResult> {
  const polling = createPolling(lab);
  const before = await tidyMemory();
  const first = new Map<string, PollCost>();
  for (const part of parts) first.set(part.id, await polling(part));
  const loaded = await tidyMemory();
  await playHour(parts, polling);
  const steady = await playHour(parts, polling);
  const untidied = process.memoryUsage.rss();
  const listeningMs = await listen();
  const rss = { before, loaded, untidied, steady: await tidyMemory(), most: process.resourceUsage().maxRSS * 1024 };
  const texts = new Map<string, readonly string[]>(parts.map(({ id }) => [id, []]));
  await playHour(parts, async (part) => {
    const found: PollCost[] = [];
    const parsed = await recordParsed(async () => found.push(await polling(part)));
    texts.set(part.id, [...(texts.get(part.id) ?? []), ...parsed]);
    return found[0] as PollCost;
  });
  const costs = parts.map(({ id, every }) => ({
    part: id,
    every: every / 1_000,
    first: first.get(id) as PollCost,
    steady: steady.get(id) ?? [],
    parseMs: parseCost(texts.get(id) ?? []) / ROUNDS,
  }));
  return { datasets: lab.datasets, snapshots: lab.snapshots, parts: costs, listeningMs, rss };
}

/** Every five minutes of an hour polls all parts, and once in it new snapshots have come and old ones gone. */
async function playHour(parts: OpenTarget["parts"], polling: Polling): Promise<ReadonlyMap<string, PollCost[]>> {
  const costs = new Map<string, PollCost[]>(parts.map(({ id }) => [id, []]));
  for (let round = 0; round < ROUNDS; round++) {
    passTime(ROUND);
    await lab.ask({ ask: "pass", ms: ROUND });
    if (round === 0) await lab.ask({ ask: "snapshots" });
    // the events are there before anybody asks for what they tell of
    await setTimeout(20);
    for (const part of parts) costs.get(part.id)?.push(await polling(part));
  }
  return costs;
}

/** By the middle one of some windows with an event each, since V8 tidies up after the polls in one of them. */
async function listen(): Promise<number> {
  const windows: number[] = [];
  for (let i = 0; i < WINDOWS; i++) {
    const before = process.cpuUsage();
    await setTimeout(WINDOW);
    windows.push(cpuSince(before));
  }
  return (median(windows) * 60_000) / WINDOW;
}

/** Resident bytes after all garbage was collected, and its pages given back, which V8 puts off as long as it can. */
async function tidyMemory(): Promise<number> {
  gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  await setTimeout(500);
  return process.memoryUsage.rss();
}
