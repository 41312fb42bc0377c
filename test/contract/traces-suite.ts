import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TracesConfig } from "../../src/core/evidence-config.ts";
import type { TelemetryFilter, TraceQuestion, TraceSource } from "../../src/core/telemetry.ts";
import { openJaeger } from "../../src/correlation/jaeger/source.ts";
import { openTempo } from "../../src/correlation/tempo/source.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import {
  BASELINE_TRACES,
  FAILED_TRACES,
  GOOD_TRACES,
  sendTraces,
  SLOW_TRACES,
  type SentTraces,
} from "./traces-suite-spans.ts";

/** A Tempo or Jaeger, emulated or real; it may hold other spans. */
export interface TracesBackend {
  readonly kind: TracesConfig["kind"];
  /** Where it is asked. */
  readonly url: string;
  /** Where OTLP over HTTP is sent: `POST {otlpUrl}/v1/traces`. */
  readonly otlpUrl: string;
  readonly tenant?: string | undefined;
  close(): Promise<void>;
}

/** Longer than a Tempo with its default settings hides new spans: 30 s. */
const DEADLINE_MS = 90_000;
const NOTHING: TelemetryFilter = { services: [], namespaces: [], pods: [], hosts: [] };

/** What a source of traces promises of each backend: the same tests run against emulated and real ones. */
export function describeTraces(start: () => Promise<TracesBackend>): void {
  describe("a source of traces", () => {
    let backend: TracesBackend;
    let source: TraceSource;
    let sent: SentTraces;

    const signal = (): AbortSignal => AbortSignal.timeout(30_000);
    const question = (filter: Partial<TelemetryFilter>): TraceQuestion => ({
      filter: { ...NOTHING, ...filter },
      ...sent.times,
      traces: 10,
    });
    const shop = (): TraceQuestion => question({ services: [sent.services.shop] });
    const allFound = async (): Promise<boolean> => {
      const { services } = await source.read(shop(), signal());
      const counts = services.find(({ service }) => service === sent.services.shop);
      const isWhole = counts?.window.spans === GOOD_TRACES + FAILED_TRACES + SLOW_TRACES;
      return isWhole && counts.baseline.spans === BASELINE_TRACES;
    };

    beforeAll(async () => {
      backend = await start();
      const { kind, url, tenant } = backend;
      const none = { caFile: undefined, fingerprint: undefined, serverName: undefined, login: undefined };
      source = await (kind === "tempo" ? openTempo : openJaeger)({ kind, url, tenant, ...none });
      sent = await sendTraces(backend.otlpUrl, Date.now(), tenant === undefined ? {} : { "x-scope-orgid": tenant });
      await waitUntil("all spans are found", allFound, { deadlineMs: DEADLINE_MS, everyMs: 250 });
    }, DEADLINE_MS + 30_000);
    afterAll(async () => {
      await source?.close();
      await backend?.close();
    });

    it("names the traces that failed, where they began to", async () => {
      const { failed } = await source.read(shop(), signal());
      expect(failed).toHaveLength(10);
      for (const trace of failed) {
        expect(sent.failed).toContain(trace.traceId);
        expect(trace).toMatchObject({ rootService: sent.services.front, rootName: "GET /", failedSpans: 5 });
        expect(trace.failedServices).toContain(sent.services.stock);
        expect(trace.startsAt).toBeGreaterThanOrEqual(sent.times.window.from);
      }
    });

    it("names the slow ones, the slowest first", async () => {
      const { slow } = await source.read(shop(), signal());
      expect(new Set(slow.slice(0, SLOW_TRACES).map(({ traceId }) => traceId))).toStrictEqual(sent.slow);
      expect(slow[0]?.durationMs).toBeGreaterThanOrEqual(2_000);
    });

    it("counts entry spans of the service and of the one that it calls", async () => {
      const { services, sample } = await source.read(shop(), signal());
      const [own, called] = [sent.services.shop, sent.services.stock];
      expect(services.map(({ service }) => service)).toStrictEqual([own, called]);
      for (const { window, baseline } of services) {
        expect(window).toMatchObject({ spans: GOOD_TRACES + FAILED_TRACES + SLOW_TRACES, failed: FAILED_TRACES });
        expect(baseline).toMatchObject({ spans: BASELINE_TRACES, failed: 0 });
        expect(baseline.p95Ms).toBeGreaterThan(0);
      }
      // a bucket of Tempo is a factor of two wide
      expect(services[0]?.baseline.p95Ms).toBeGreaterThanOrEqual(10);
      expect(services[0]?.baseline.p95Ms).toBeLessThanOrEqual(40);
      expect(sample).toBeUndefined();
    });

    it("compares the attributes of what failed with those of all others, the service below included", async () => {
      const { comparison, attributes } = await source.read(shop(), signal());
      expect(comparison).toBe("failed");
      const rest = GOOD_TRACES + SLOW_TRACES + BASELINE_TRACES;
      // the service that it calls fails more than before too, so that its spans are among them
      const totals = { selectionTotal: 2 * FAILED_TRACES, backgroundTotal: 2 * rest };
      const valuesOf = (name: string) => {
        const found = attributes.find(({ field }) => field === name);
        expect(found).toMatchObject(totals);
        return found?.values.toSorted((a, b) => b.selection - a.selection || (a.value < b.value ? -1 : 1));
      };
      expect(valuesOf("resource.service.version")).toStrictEqual([
        { value: "2", selection: FAILED_TRACES, background: 0 },
        { value: "1", selection: 0, background: rest },
      ]);
      expect(valuesOf("resource.k8s.pod.name")).toStrictEqual([
        { value: `${sent.services.shop}-bad`, selection: FAILED_TRACES, background: 0 },
        { value: `${sent.services.shop}-good`, selection: 0, background: rest },
      ]);
      expect(valuesOf("span.http.route")).toStrictEqual([
        { value: "/shop", selection: FAILED_TRACES, background: rest },
      ]);
      expect(valuesOf("resource.service.name")).toStrictEqual([
        { value: sent.services.shop, selection: FAILED_TRACES, background: rest },
        { value: sent.services.stock, selection: FAILED_TRACES, background: rest },
      ]);
    });

    it("asks for no more than the filter names", async () => {
      const of = async (filter: Partial<TelemetryFilter>): Promise<number> => {
        const { failed } = await source.read(question({ services: [sent.services.shop], ...filter }), signal());
        return failed.length;
      };
      expect(await of({ namespaces: ["suite"] })).toBe(10);
      expect(await of({ namespaces: ["another"] })).toBe(0);
    });

    it("finds nothing of a service that is not there", async () => {
      const reading = await source.read(question({ services: ["no-such-service"] }), signal());
      expect(reading).toMatchObject({ failed: [], slow: [], services: [], attributes: [] });
    });

    it("finds a service whatever it is called", async () => {
      const { failed } = await source.read(question({ services: [sent.services.evil] }), signal());
      expect(failed.map(({ traceId }) => traceId)).toStrictEqual([sent.evil]);
      expect(failed[0]?.failedServices).toStrictEqual([sent.services.evil]);
    });

    it("has each span once, also one that was sent twice", async () => {
      expect((await source.trace(sent.evil, signal()))?.spans).toHaveLength(1);
    });

    it("reads a trace whole, each span once, by a short id too", async () => {
      const trace = await source.trace(sent.zeros.replace(/^0+/, "").toUpperCase(), signal());
      expect(trace).toMatchObject({ traceId: sent.zeros, notes: [] });
      const { front, shop, stock } = sent.services;
      expect(trace?.spans.map(({ service, kind }) => `${kind} ${service}`)).toStrictEqual([
        `server ${front}`,
        `client ${front}`,
        `server ${shop}`,
        `client ${shop}`,
        `server ${stock}`,
      ]);
      const ids = trace?.spans.map(({ spanId }) => spanId) ?? [];
      expect(trace?.spans.map(({ parentId }) => parentId)).toStrictEqual([undefined, ...ids.slice(0, -1)]);
      expect(trace?.spans[2]?.attributes).toMatchObject({ "service.version": "1", "http.route": "/shop" });
    });

    it("shows what failed in a trace", async () => {
      const [id = ""] = sent.failed;
      const trace = await source.trace(id, signal());
      const last = trace?.spans.at(-1);
      expect(last).toMatchObject({ status: "error", statusMessage: "no stock", kind: "server" });
      expect(last?.events[0]).toMatchObject({ name: "exception", attributes: { "exception.type": "Empty" } });
    });

    it("has no trace for an id that nobody sent, and refuses what is no id", async () => {
      expect(await source.trace("f".repeat(32), signal())).toBeUndefined();
      await expect(source.trace("not-an-id", signal())).rejects.toThrow(/no trace id/);
    });

    it("tells who calls a service and whom it calls", async () => {
      const found = await source.neighbours(sent.services.shop, sent.times.window, signal());
      expect(found).toMatchObject({ calls: [sent.services.stock], calledBy: [sent.services.front] });
    });

    it("can be asked again, by what it says it was asked", async () => {
      const { queries } = await source.read(shop(), signal());
      expect(queries.length).toBeGreaterThan(3);
      for (const { source: name, method, path } of queries) {
        expect([name, method]).toStrictEqual([backend.kind, "GET"]);
        const headers = backend.tenant === undefined ? {} : { "x-scope-orgid": backend.tenant };
        const answer = await fetch(`${backend.url}${path}`, { headers });
        // Jaeger says so that it found nothing
        expect([200, 404]).toContain(answer.status);
      }
    });

    it("is found whole by the check", async () => {
      const findings = await source.check(signal());
      expect(findings.filter(({ ok }) => !ok)).toStrictEqual([]);
    });
  });
}
