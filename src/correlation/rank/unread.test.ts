import { describe, expect, it } from "vitest";
import type { EvidenceSignal, Readings } from "../../core/evidence.ts";
import { field, logsOf, readings, tracesOf } from "./__fixtures__/readings.ts";
import { failing, reportOf, servedLines, usual } from "./__fixtures__/reports.ts";

const told = (given: Readings, signal: EvidenceSignal): readonly unknown[] => {
  const { verdict, said, sample } = reportOf(given, signal);
  return [verdict, said, sample];
};
const incomplete = "counts of spans could not be read: status 500";
const whether = `whether anything stands out can not be said: ${incomplete}`;
const trace = { traceId: "ab".repeat(16), startsAt: 0, durationMs: 1 };

describe("what was read in part only", () => {
  it("is neither no data nor nothing that stands out", () => {
    for (const failed of [[], [trace]]) {
      const given = readings({ traces: tracesOf({ failed, incomplete }) });
      expect(told(given, "traces")).toEqual(["source_down", whether, undefined]);
      expect(told(given, "trace_attributes")).toEqual(["source_down", whether, undefined]);
      expect(reportOf(given, "traces").items).toHaveLength(failed.length);
    }
  });

  it("stands out where it does", () => {
    const given = readings({ logs: { ...failing, incomplete } });
    expect(told(given, "logs")[0]).toBe("significant");
  });

  it("may be the fields alone, of which it is not said that failures did not become more", () => {
    const fields = [field("pod", [10, 90], [["a", 5, 45]])];
    const given = readings({
      logs: logsOf(usual.window, usual.baseline, { fields, comparison: "failed", comparisonIncomplete: incomplete }),
    });
    expect(told(given, "logs")[0]).toBe("nothing_significant");
    expect(told(given, "log_fields")).toEqual(["source_down", whether, undefined]);
  });

  it("is some of the series", () => {
    const { metrics, ...rest } = readings({ series: [] });
    if (metrics.state !== "read") throw new Error("it is read");
    const given = { ...rest, metrics: { ...metrics, reading: { ...metrics.reading, incomplete } } };
    expect(told(given, "metrics")).toEqual(["source_down", whether, undefined]);
  });

  it("is all changes, where one who tells of them is down", () => {
    const { changes, ...rest } = readings({ changes: [] });
    if (changes.state !== "read") throw new Error("it is read");
    const given = { ...rest, changes: { ...changes, reading: { ...changes.reading, incomplete } } };
    expect(told(given, "changes")).toEqual(["source_down", whether, undefined]);
  });
});

describe("lines of which not all could be searched", () => {
  const unsure = (some: ReturnType<typeof servedLines>) => {
    const reading = logsOf(some, []);
    return readings({ logs: { ...reading, window: { ...reading.window, isExact: false } } });
  };

  it("are at least so many, and a sample", () => {
    const { said, sample } = reportOf(unsure(servedLines(1)), "logs");
    expect(said).toMatch(/; 900 of at least 900 lines were read$/);
    expect(sample).toEqual({ taken: 900, of: undefined });
  });

  it("are not no lines when none was found", () => {
    for (const signal of ["logs", "log_fields"] as const)
      expect(told(unsure([]), signal).slice(0, 2)).toEqual([
        "source_down",
        "whether anything stands out can not be said: no line was found, but not all of them could be searched",
      ]);
  });
});

it("says that nothing was asked where nothing was", () => {
  const notAsked = "nothing was asked: the alert names no service";
  const given = readings({ logs: logsOf([], [], { notAsked }), traces: tracesOf({ notAsked }), series: [] });
  const { metrics } = given;
  if (metrics.state !== "read") throw new Error("it is read");
  const all = { ...given, metrics: { ...metrics, reading: { ...metrics.reading, notAsked } } };
  for (const signal of ["logs", "log_fields", "traces", "trace_attributes", "metrics"] as const)
    expect(told(all, signal)).toEqual(["no_data", notAsked, undefined]);
});
