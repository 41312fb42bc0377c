import { describe, expect, it } from "vitest";
import { seconds } from "../../core/duration.ts";
import type { LogLine, LogSource } from "../../core/telemetry.ts";
import { aroundSaid, viewLog, type LogView } from "./log-view.ts";

async function viewOf(line: LogLine): Promise<{ readonly view: LogView; readonly isAsked: boolean }> {
  let isAsked = false;
  const logs: Pick<LogSource, "line" | "around"> = {
    line: async () => ({ line, notes: [], queries: [] }),
    around: async () => {
      isAsked = true;
      return { lines: [line], notes: [], queries: [] };
    },
  };
  const view = await viewLog(
    { id: "a" },
    {
      sources: { logs: logs as LogSource, traces: undefined },
      scrub: (text) => text,
      metricsOf: async () => undefined,
      deadline: seconds(10),
      signal: new AbortController().signal,
    },
  );
  return { view, isAsked };
}

describe("a log line without a trace", () => {
  it.each([
    ["service", { service: "shop", pod: "shop-1", host: "node-1" }],
    ["pod", { pod: "shop-1", host: "node-1" }],
    ["host", { host: "node-1" }],
  ])("comes with what its %s logged around it", async (by, names) => {
    const { view, isAsked } = await viewOf({ at: 1, message: "paid", ...names });
    expect(view.around).toMatchObject({ by, logs: { state: "read" } });
    expect(aroundSaid(view.around)).toContain(`the same ${by}`);
    expect(isAsked).toBe(true);
  });

  it("comes without where it names none of them: no source is asked", async () => {
    const { view, isAsked } = await viewOf({ at: 1, message: "paid" });
    expect([view.around, isAsked]).toEqual([undefined, false]);
    expect(aroundSaid(view.around)).toContain("not looked for");
  });
});
