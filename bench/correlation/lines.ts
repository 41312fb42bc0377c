import { minutes } from "../../src/core/duration.ts";
import type { BundleQuestion, Readings } from "../../src/core/evidence.ts";
import type { LogLine, LogReading, LogSample, TimeWindow } from "../../src/core/telemetry.ts";
import { rankReadings } from "../../src/correlation/rank/rank.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import { questionOf } from "../quality/incident.ts";
import { printNumber } from "../figures.ts";
import { report, type Report } from "../report.ts";
import { cpuSeconds } from "./timed.ts";

const LINES = 200_000;
const BEGINNING = Date.UTC(2026, 8, 1, 12);

/** A question about 200,000 log lines, and those lines as a source would answer them. */
export interface ManyLines {
  readonly question: BundleQuestion;
  readonly logs: LogReading;
}

/** Makes as many lines as the limit is about, of a shop in which an error burst happens. */
export function makeLines(): ManyLines {
  // 75 minutes with that many requests make more lines than are taken
  const shop = simulateShop({
    seed: 1_001,
    fault: "error_burst",
    from: BEGINNING - minutes(75),
    faultAt: BEGINNING,
    to: BEGINNING + minutes(10),
    rate: 14,
    traced: 0,
    remembered: [],
  });
  const question = questionOf(shop, 1);
  const taken = spread(shop.lines, LINES);
  const { window, baseline } = question;
  const logs: LogReading = {
    window: sampleOf(taken, { ...window, to: Number.POSITIVE_INFINITY }),
    baseline: sampleOf(taken, { ...baseline, from: 0 }),
    histogram: [],
    comparison: "window",
    fields: [],
    notes: [],
    queries: [],
  };
  return { question, logs };
}

/** Measures how long it takes to find the patterns of 200,000 lines and to rank them, against only taking lines apart into words. */
export function measureLines({ question, logs }: ManyLines): Report {
  const none = { state: "not_configured" } as const;
  const readings: Readings = {
    logs: { state: "read", reading: logs, tookMs: 0 },
    traces: none,
    metrics: none,
    changes: none,
  };
  const taken = [...logs.baseline.lines, ...logs.window.lines];
  const ours = cpuSeconds(() => rankReadings(readings, question));
  const words = cpuSeconds(() => countWords(taken));
  const each = LINES / taken.length;
  return report([
    {
      what: `${printNumber(LINES)} log lines, mined and ranked (CPU)`,
      unit: "s",
      ours: ours * each,
      against: { name: "only taking them apart into words", value: words * each },
      figure: "mine_200k_cpu_s",
      aim: { is: "<", value: 2 },
      ratio: { of: "ours / theirs", figure: "mine_vs_words" },
      note: `measured with ${printNumber(taken.length)}`,
    },
  ]);
}

/** Every so manyth line, so that all of the time is in it. */
function spread(lines: readonly LogLine[], most: number): readonly LogLine[] {
  const every = Math.max(1, lines.length / most);
  return Array.from({ length: Math.min(most, lines.length) }, (_, at) => lines[Math.floor(at * every)]).filter(
    (line) => line !== undefined,
  );
}

function sampleOf(lines: readonly LogLine[], { from, to }: TimeWindow): LogSample {
  const inside = lines.filter(({ at }) => at >= from && at < to);
  return { total: inside.length, isExact: true, lines: inside };
}

/** The least that any grouping by words must do. */
function countWords(lines: readonly LogLine[]): number {
  let words = 0;
  for (const { message } of lines) words += message.slice(0, 600).split(/\s+/).length;
  return words;
}
