import type { TrueNasRelease } from "../src/lab/truenas/contract.ts";
import { printNumber } from "./figures.ts";
import { report, type Measured, type Report } from "./report.ts";
import type { NasSize } from "./truenas/lab-process.ts";
import type { PartCost, PollerResult } from "./truenas/poller.ts";
import { runPoller } from "./truenas/poller-process.ts";

const RELEASE: TrueNasRelease = "25.10";
const SIZE: NasSize = { datasets: 2_000, snapshotsPerDataset: 100 };
/** Where parsing takes fewer milliseconds, the rest is that of any call, and a ratio says nothing. */
const LEAST_LIMIT_MS = 0.5;

/**
 * Measures the parts of the pack on an emulated server with very many datasets and snapshots, in a process that does
 * nothing but poll. The limit is what `JSON.parse` of the same answers takes.
 */
export async function measureTrueNas(): Promise<Report> {
  const found = await runPoller(RELEASE, SIZE);
  return report([...cpuRows(found), ...bytesRows(found), ...memoryRows(found)]);
}

function cpuRows({ datasets, snapshots, parts, listeningMs }: PollerResult): readonly Measured[] {
  const steadily = ({ steady }: PartCost): number => meanOf(steady, ({ cpuMs }) => cpuMs);
  const aMinute = { figure: "poll_cpu_ms", aim: { is: "<", value: 100 } } as const;
  return [
    {
      what: `series of a TrueNAS ${RELEASE} with ${printNumber(datasets)} datasets and ${printNumber(snapshots)} snapshots`,
      unit: "",
      ours: sumOf(parts.map(({ first }) => first.series)),
      note: "an hour of steady state",
    },
    {
      ...computing(
        "computing of a minute's polls, each part at its own pace",
        sumOf(parts.map((part) => (steadily(part) * 60) / part.every)),
        sumOf(parts.map(({ parseMs, every }) => (parseMs * 60) / every)),
      ),
      ...aMinute,
    },
    ...parts.map((part) =>
      computing(`  of ${part.part}, a poll (every ${part.every} s)`, steadily(part), part.parseMs),
    ),
    computing(
      "computing of a round in which all parts are polled once",
      sumOf(parts.map(steadily)),
      sumOf(parts.map(({ parseMs }) => parseMs)),
    ),
    {
      what: "  to encode what it brought for Prometheus, beside",
      unit: "ms",
      ours: sumOf(parts.map(({ steady }) => meanOf(steady, ({ encodeMs }) => encodeMs))),
    },
    { what: "computing of a minute without polls: events, and the socket", unit: "ms", ours: listeningMs },
    { what: "computing of the first round", unit: "ms", ours: sumOf(parts.map(({ first }) => first.cpuMs)) },
  ];
}

const computing = (what: string, ours: number, limit: number): Measured => ({
  what,
  unit: "ms",
  ours,
  against: { name: "JSON.parse of the same answers", value: limit },
  ...(limit >= LEAST_LIMIT_MS && { ratio: { of: "ours / theirs" } }),
});

function bytesRows({ parts }: PollerResult): readonly Measured[] {
  const { first, steady } = snapshotsOf(parts);
  const bytes = steady.map((one) => one.bytes);
  const row = (what: string, value: number, figure?: string): Measured => ({
    what,
    unit: "kB",
    ours: value / 1e3,
    against: { name: "the first poll", value: first.bytes / 1e3 },
    ratio: { of: "ours / theirs", ...(figure !== undefined && { figure }) },
  });
  return [
    row("bytes of a poll of snapshots, both ways", sumOf(bytes) / bytes.length, "bytes_incremental_vs_full"),
    row("  when nothing happened", Math.min(...bytes)),
    row("  when every dataset got one and lost one, once an hour", Math.max(...bytes)),
  ];
}

function memoryRows({ rss: { before, loaded, steady, untidied, most } }: PollerResult): readonly Measured[] {
  const row = (what: string, bytes: number): Measured => ({ what, unit: "MB", ours: (bytes - before) / 1e6 });
  return [
    {
      ...row("resident memory that two hours of polls added", steady),
      figure: "rss_growth_mb",
      aim: { is: "<", value: 50 },
    },
    row("  after the first round", loaded),
    row("  before garbage was collected", untidied),
    row("  at the most", most),
    { what: "  what it was before", unit: "MB", ours: before / 1e6 },
  ];
}

function snapshotsOf(parts: readonly PartCost[]): PartCost {
  const found = parts.find(({ part }) => part === "snapshots");
  if (found === undefined) throw new Error("there is no part of snapshots");
  return found;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const meanOf = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  sumOf(items.map(valueOf)) / items.length;
