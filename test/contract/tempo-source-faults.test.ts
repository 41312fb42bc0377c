import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TracesConfig } from "../../src/core/evidence-config.ts";
import { CollectError } from "../../src/core/errors.ts";
import type { TraceReading, TraceSource } from "../../src/core/telemetry.ts";
import { openTempo } from "../../src/correlation/tempo/source.ts";
import { startTempoLab, type TempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { FAILED_TRACES, GOOD_TRACES, sendTraces, SLOW_TRACES, type SentTraces } from "./traces-suite-spans.ts";

const NONE = { caFile: undefined, fingerprint: undefined, serverName: undefined, login: undefined, tenant: undefined };
const configOf = (lab: TempoLab): TracesConfig => ({ kind: "tempo", url: lab.url, ...NONE });

async function readShop(source: TraceSource, sent: SentTraces, deadlineMs = 20_000): Promise<TraceReading> {
  const filter = { services: [sent.services.shop], namespaces: [], pods: [], hosts: [] };
  return source.read({ filter, ...sent.times, traces: 10 }, AbortSignal.timeout(deadlineMs));
}

describe("an emulated Tempo in trouble", () => {
  let lab: TempoLab;
  let source: TraceSource;
  let sent: SentTraces;

  beforeAll(async () => {
    lab = await startTempoLab({ endCutoffMs: 0 });
    source = await openTempo(configOf(lab));
    sent = await sendTraces(lab.otlpUrl, Date.now(), {});
  });
  afterEach(async () => {
    await lab.setFault(undefined);
    lab.setTrouble(undefined);
  });
  afterAll(async () => {
    await source?.close();
    await lab?.close();
  });

  it.each([
    ["timeout", "timeout"],
    ["queue_full", "rate_limited"],
  ] as const)("fails when it says so: %s", async (trouble, reason) => {
    lab.setTrouble(trouble);
    await expect(readShop(source, sent)).rejects.toMatchObject({ reason });
  });

  it.each(["hang", "slow_headers", "drip"] as const)("fails at the caller's deadline: %s", async (kind) => {
    await lab.setFault({ kind });
    await expect(readShop(source, sent, 300)).rejects.toMatchObject({ reason: "timeout" });
  });

  it.each(["reset", "cut_short", "truncated_json", "html", "huge_body", "redirect_loop", "not_http"] as const)(
    "fails with a reason: %s",
    async (kind) => {
      await lab.setFault({ kind });
      const [id = ""] = sent.failed;
      await expect(readShop(source, sent)).rejects.toBeInstanceOf(CollectError);
      await expect(source.trace(id, AbortSignal.timeout(20_000))).rejects.toBeInstanceOf(CollectError);
    },
  );

  it.each(["wrong_types", "nulls", "empty_object"] as const)(
    "makes nothing up out of a wrong body: %s",
    async (kind) => {
      await lab.setFault({ kind });
      // it is read for what it still says, or refused
      const [outcome] = await Promise.allSettled([readShop(source, sent)]);
      const isRefused = outcome.status === "rejected";
      expect(isRefused ? outcome.reason : { reason: "unexpected_shape" }).toMatchObject({ reason: "unexpected_shape" });
      const reading = isRefused ? undefined : outcome.value;
      for (const { traceId } of reading?.failed ?? []) expect(sent.failed).toContain(traceId);
      expect(reading?.services ?? []).toStrictEqual([]);
    },
  );

  it("has a sample looked at when it counts nothing", async () => {
    await lab.setFault({ kind: "status", path: "/api/metrics/", status: 500 });
    const reading = await readShop(source, sent);
    expect(reading.sample?.taken).toBeGreaterThan(0);
    const shop = reading.services.find(({ service }) => service === sent.services.shop);
    expect(shop?.window).toMatchObject({ spans: GOOD_TRACES + FAILED_TRACES + SLOW_TRACES, failed: FAILED_TRACES });
    const version = reading.attributes.find(({ field }) => field === "resource.service.version");
    expect(version?.values[0]).toStrictEqual({ value: "2", selection: FAILED_TRACES, background: 0 });
    expect(reading.failed).toHaveLength(10);
  });

  it("still tells what failed when all else fails", async () => {
    await lab.setFault({ kind: "status", path: "/api/metrics/", status: 403 });
    const reading = await readShop(source, sent);
    expect(reading.failed).toHaveLength(10);
    expect(reading).toMatchObject({ services: [], attributes: [] });
    expect(reading.notes.join(" ")).toContain("status 403");
  });

  it("is told as one that is away", async () => {
    await lab.stop();
    try {
      await expect(readShop(source, sent)).rejects.toMatchObject({ reason: "connection_refused" });
      const [finding] = await source.check(AbortSignal.timeout(5_000));
      expect(finding).toMatchObject({ ok: false });
    } finally {
      await lab.start();
    }
    expect((await readShop(source, sent)).failed).toHaveLength(10);
  });
});

describe("limits of an emulated Tempo", () => {
  async function use<T>(
    options: Parameters<typeof startTempoLab>[0],
    work: (source: TraceSource, sent: SentTraces, lab: TempoLab) => Promise<T>,
  ): Promise<T> {
    const lab = await startTempoLab({ endCutoffMs: 0, ...options });
    const source = await openTempo(configOf(lab));
    try {
      return await work(source, await sendTraces(lab.otlpUrl, Date.now(), {}), lab);
    } finally {
      await source.close();
      await lab.close();
    }
  }

  it("on ranges are kept, with a note", async () => {
    const reading = await use({ limits: { maxSearchSeconds: 40, maxMetricsSeconds: 30 } }, async (source, sent) =>
      readShop(source, sent),
    );
    expect(reading.notes.join(" ")).toContain("searches at most 40s at once");
    expect(reading.notes.join(" ")).toContain("searches at most 30s at once");
    expect(reading.failed).toHaveLength(10);
  });

  it("on series are told", async () => {
    const reading = await use({ limits: { maxResponseSeries: 2 } }, async (source, sent) => readShop(source, sent));
    expect(reading.notes.join(" ")).toContain("Response exceeds maximum series limit of 2");
  });

  it("on a trace are told with it", async () => {
    const trace = await use({}, async (source, sent, lab) => {
      const [id = ""] = sent.failed;
      lab.setLimits({ maxBytesPerTrace: 600 });
      return source.trace(id, AbortSignal.timeout(5_000));
    });
    expect(trace?.spans.length).toBeGreaterThan(0);
    expect(trace?.notes[0]).toContain("Trace exceeds maximum size of 600 bytes");
  });

  it("on what is young are told, and the time before is read", async () => {
    const reading = await use({ endCutoffMs: 30_000 }, async (source, sent) => {
      const young = { from: Date.now() - 8_000, to: Date.now() };
      const filter = { services: [sent.services.shop], namespaces: [], pods: [], hosts: [] };
      const question = { filter, window: young, baseline: sent.times.baseline, traces: 10 };
      return source.read(question, AbortSignal.timeout(20_000));
    });
    expect(reading.notes.join(" ")).toContain("does not search the last 30 s");
  });
});
