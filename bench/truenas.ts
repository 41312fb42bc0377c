import type { TrueNasRelease } from "../src/lab/truenas/contract.ts";
import { round, type Report, type Row } from "./report.ts";
import type { NasSize } from "./truenas/lab-process.ts";
import type { PartCost, PollerResult } from "./truenas/poller.ts";
import { runPoller } from "./truenas/poller-process.ts";

const RELEASE: TrueNasRelease = "25.10";
const SIZE: NasSize = { datasets: 2_000, snapshotsPerDataset: 100 };
const CPU_AIM = 100;
const RSS_AIM = 50;
/** Where parsing takes less, the rest is that of any call, and a ratio says nothing. */
const LEAST_LIMIT_MS = 0.5;

/**
 * Measures the parts of the pack on an emulated server with very many datasets and snapshots, in a process that does
 * nothing but poll. The limit is what `JSON.parse` of the same answers takes.
 */
export async function measureTrueNas(): Promise<Report> {
  const found = await runPoller(RELEASE, SIZE);
  const { parts, rss } = found;
  const cpu = sumOf(parts.map(minuteOf));
  const { first, steady } = snapshotsOf(parts);
  const ratio = meanOf(steady, ({ bytes }) => bytes) / first.bytes;
  return {
    rows: [...cpuRows(found, cpu), ...bytesRows(found, ratio), ...memoryRows(rss)],
    figures: {
      poll_cpu_ms: round(cpu),
      rss_growth_mb: round(megabytes(rss.steady - rss.before)),
      bytes_incremental_vs_full: round(ratio),
    },
    skipped: [],
  };
}

function cpuRows({ datasets, snapshots, parts, listeningMs }: PollerResult, cpu: number): readonly Row[] {
  const parsing = sumOf(parts.map(({ parseMs, every }) => (parseMs * 60) / every));
  const once = sumOf(parts.map(({ steady }) => meanOf(steady, ({ cpuMs }) => cpuMs)));
  const parsingOnce = sumOf(parts.map(({ parseMs }) => parseMs));
  const series = sumOf(parts.map(({ first }) => first.series));
  return [
    {
      what: `TrueNAS ${RELEASE}, ${datasets} datasets, ${snapshots} snapshots, an hour of steady state`,
      ours: `${series} series`,
      against: "JSON.parse of the same answers",
    },
    row(`computing of a minute's polls, each part at its own pace (aim < ${CPU_AIM} ms)`, cpu, parsing),
    ...parts.map((part) => {
      const spent = meanOf(part.steady, ({ cpuMs }) => cpuMs);
      return row(`    ${part.part}, a poll (every ${part.every} s)`, spent, part.parseMs);
    }),
    row("computing of a round in which all parts are polled once", once, parsingOnce),
    {
      what: "  to encode what it brought for Prometheus, beside",
      ours: ms(sumOf(parts.map(({ steady }) => meanOf(steady, ({ encodeMs }) => encodeMs)))),
      against: "",
    },
    { what: "computing of a minute without polls: events, and the socket", ours: ms(listeningMs), against: "" },
    row("computing of the first round", sumOf(parts.map(({ first }) => first.cpuMs)), Number.NaN),
  ];
}

function bytesRows({ parts }: PollerResult, ratio: number): readonly Row[] {
  const { first, steady } = snapshotsOf(parts);
  const bytes = steady.map((one) => one.bytes);
  const full = `${kilobytes(first.bytes)}, the first`;
  const rowOf = (what: string, steadyBytes: number): Row => ({
    what,
    ours: kilobytes(steadyBytes),
    against: full,
    ratio: String(round(steadyBytes / first.bytes)),
  });
  return [
    { ...rowOf("bytes of a poll of snapshots, both ways", ratio * first.bytes), ratio: String(round(ratio)) },
    rowOf("  when nothing happened", Math.min(...bytes)),
    rowOf("  when every dataset got one and lost one, once an hour", Math.max(...bytes)),
  ];
}

function memoryRows({ before, loaded, steady, untidied, most }: PollerResult["rss"]): readonly Row[] {
  const rowOf = (what: string, bytes: number, against: string): Row => ({
    what,
    ours: `${round(megabytes(bytes - before))} MB`,
    against,
  });
  return [
    rowOf("resident memory that two hours of polls added", steady, `aim < ${RSS_AIM} MB`),
    rowOf("  after the first round", loaded, ""),
    rowOf("  before garbage was collected", untidied, `${round(megabytes(before))} MB before`),
    rowOf("  at the most", most, ""),
  ];
}

function row(what: string, ours: number, limit: number): Row {
  const comparable = limit >= LEAST_LIMIT_MS;
  return {
    what,
    ours: ms(ours),
    against: Number.isNaN(limit) ? "" : ms(limit),
    ...(comparable && { ratio: String(round(ours / limit)) }),
  };
}

function snapshotsOf(parts: readonly PartCost[]): PartCost {
  const found = parts.find(({ part }) => part === "snapshots");
  if (found === undefined) throw new Error("there is no part of snapshots");
  return found;
}

/** Milliseconds of computing in a minute. */
const minuteOf = ({ steady, every }: PartCost): number => (meanOf(steady, ({ cpuMs }) => cpuMs) * 60) / every;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const meanOf = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  sumOf(items.map(valueOf)) / items.length;
const megabytes = (bytes: number): number => bytes / 1e6;
const kilobytes = (bytes: number): string => `${round(bytes / 1e3)} kB`;
const ms = (value: number): string => `${round(value)} ms`;
