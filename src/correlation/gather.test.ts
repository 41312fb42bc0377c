import { describe, expect, it } from "vitest";
import { seconds } from "../core/duration.ts";
import { CollectError } from "../core/errors.ts";
import type { BundleQuestion } from "../core/evidence.ts";
import type { ChangeSource, LogReading, LogSource, MetricSource, TraceSource } from "../core/telemetry.ts";
import { gather, type EvidenceSources } from "./gather.ts";

const question: BundleQuestion = {
  scope: {
    entities: [{ kind: "service", name: "shop", distance: 0, because: "asked for", labels: { service: "shop" } }],
    filter: { services: ["shop"], namespaces: [], pods: [], hosts: [] },
    notes: [],
  },
  window: { from: 10_000_000, to: 11_000_000 },
  baseline: { from: 7_000_000, to: 10_000_000 },
  limits: { lines: 100, series: 50, traces: 5 },
  seed: 1,
};

const READ: LogReading = {
  window: { total: 1, isExact: true, lines: [] },
  baseline: { total: 2, isExact: true, lines: [] },
  histogram: [],
  comparison: "window",
  fields: [],
  notes: [],
  queries: [],
};

const logs = (read: LogSource["read"]): LogSource => ({
  read,
  ofTrace: async () => ({ lines: [], notes: [], queries: [] }),
  line: async () => ({ line: undefined, notes: [], queries: [] }),
  around: async () => ({ lines: [], notes: [], queries: [] }),
  check: async () => [],
  close: async () => undefined,
});

const look = (sources: Partial<EvidenceSources>, of = question, signal = new AbortController().signal) =>
  gather(of, { changes: [], ...sources }, { deadline: seconds(1), signal });

describe("gather", () => {
  it("tells what is not configured", async () => {
    expect(await look({})).toEqual({
      logs: { state: "not_configured" },
      traces: { state: "not_configured" },
      metrics: { state: "not_configured" },
      changes: { state: "not_configured" },
    });
  });

  it("reads one source although another is down, and says why that is", async () => {
    const traces: TraceSource = {
      kind: "tempo",
      read: () => Promise.reject(new CollectError("rate_limited", "GET /api/search: job queue full")),
      trace: async () => undefined,
      neighbours: async () => ({ calls: [], calledBy: [], notes: [], queries: [] }),
      check: async () => [],
      close: async () => undefined,
    };
    const readings = await look({ logs: logs(async () => READ), traces });
    expect(readings.logs).toMatchObject({ state: "read", reading: READ });
    expect(readings.traces).toMatchObject({ state: "down", reason: "rate_limited", message: /job queue full/ });
  });

  it("leaves a source behind that does not heed the deadline", async () => {
    const readings = await look({ logs: logs(() => new Promise(() => undefined)) });
    expect(readings.logs).toMatchObject({
      state: "down",
      reason: "timeout",
      message: expect.stringContaining("1s") as string,
    });
  });

  it("lets go of what is still asked for when a reading has failed", async () => {
    let given: AbortSignal | undefined;
    const broken = logs((_question, signal) => {
      given = signal;
      return Promise.reject(new CollectError("body_too_large", "too large"));
    });
    expect((await look({ logs: broken })).logs).toMatchObject({ state: "down", reason: "body_too_large" });
    expect(given?.aborted).toBe(true);
  });

  it("takes a source's bug for a source that is down", async () => {
    const readings = await look({ logs: logs(() => Promise.reject(new TypeError("x is not a function"))) });
    expect(readings.logs).toMatchObject({ state: "down", reason: "internal" });
  });

  it("asks for nothing, and says so, where nothing is named: that never means everything", async () => {
    let asked = 0;
    const filter = { services: [], namespaces: [], pods: [], hosts: [] };
    const unnamed = { ...question, scope: { entities: [], filter, notes: [] } };
    const metrics: MetricSource = {
      read: async () => {
        asked++;
        return { series: [], of: 0, exemplars: [], notes: [], queries: [] };
      },
      labelsAt: async () => [],
      check: async () => [],
      close: async () => undefined,
    };
    const source = logs(async () => {
      asked++;
      return READ;
    });
    const readings = await look({ logs: source, metrics }, unnamed);
    expect(asked).toBe(0);
    for (const one of [readings.logs, readings.metrics])
      expect(one).toMatchObject({
        state: "read",
        reading: { notAsked: expect.stringContaining("nothing was asked") as string, notes: [] },
      });
  });

  it("joins the changes of all that tell some, in the order of time", async () => {
    const change = (at: number, source: string) => ({ kind: "deploy", at, title: source, labels: {}, source }) as const;
    const told = (name: string, at: number) => ({
      name,
      read: async () => ({ changes: [change(at, name)], notes: [], queries: [] }),
    });
    const down = { name: "broken", read: () => Promise.reject(new CollectError("timeout", "no answer")) };
    const { changes } = await look({ changes: [told("late", 20), down, told("early", 10)] });
    expect(changes).toMatchObject({
      state: "read",
      reading: {
        changes: [{ title: "early" }, { title: "late" }],
        notes: ["changes of broken could not be read: timeout: no answer"],
        incomplete: "changes of broken could not be read: timeout: no answer",
      },
    });
    expect((await look({ changes: [down] })).changes).toMatchObject({ state: "down", reason: "timeout" });
  });

  it("knows changes to be incomplete where one who tells of them says so", async () => {
    const partly: ChangeSource = {
      name: "partly",
      read: async () => ({ changes: [], notes: [], queries: [], incomplete: "1 of 20 queries failed" }),
    };
    const { changes } = await look({ changes: [partly] });
    expect(changes).toMatchObject({ state: "read", reading: { incomplete: "1 of 20 queries failed" } });
  });

  it("tells who tells of changes what is looked at", async () => {
    let told: ReadonlySet<string> | undefined;
    const source: ChangeSource = {
      name: "told",
      read: async (_window, _signal, names) => {
        told = names;
        return { changes: [], notes: [], queries: [] };
      },
    };
    expect((await look({ changes: [source] })).changes).not.toHaveProperty("reading.incomplete");
    expect([...(told ?? [])]).toEqual(["shop"]);
  });

  it("ends when whoever asked has gone", async () => {
    const asking = new AbortController();
    const looking = look({ logs: logs(() => new Promise(() => undefined)) }, question, asking.signal);
    asking.abort(new Error("gone"));
    await expect(looking).rejects.toThrow("gone");
  });
});
