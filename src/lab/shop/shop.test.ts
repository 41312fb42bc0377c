import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { SHOP_FAULTS, type Shop, type ShopFault, type ShopFamily, type ShopLine } from "./contract.ts";
import { simulateShop } from "./shop.ts";

// Shops are run whole, which takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const FAULT_AT = Date.UTC(2026, 9, 7, 13, 20);
const FROM = FAULT_AT - 20 * MINUTE;
const TO = FAULT_AT + 15 * MINUTE;

const run = (seed: number, fault?: ShopFault, more: Partial<Parameters<typeof simulateShop>[0]> = {}): Shop =>
  simulateShop({ seed, fault, from: FROM, faultAt: FAULT_AT, to: TO, rate: 2, remembered: [], ...more });

/** Functions are left out of JSON. */
const printed = (shop: Shop): string => createHash("sha256").update(JSON.stringify(shop)).digest("hex");

const family = ({ families }: Shop, name: string): ShopFamily["series"] =>
  families.find((each) => each.name === name)?.series ?? [];

/** How much all series of a counter that are meant grew between two moments. */
function grown(
  shop: Shop,
  name: string,
  [from, to]: readonly [number, number],
  isMeant: (labels: object) => boolean = () => true,
): number {
  let sum = 0;
  for (const { labels, points } of family(shop, name)) {
    if (!isMeant(labels)) continue;
    const until = (at: number): number => points.findLast(([moment]) => moment <= at)?.[1] ?? 0;
    sum += until(to) - until(from);
  }
  return sum;
}

const BEFORE = [FROM, FAULT_AT] as const;
/** Of the requests that a service answered; 0 when it was asked nothing. */
function failedShare(shop: Shop, span: readonly [number, number], service: string): number {
  const of = (labels: object): boolean => "service" in labels && labels.service === service;
  const isFailed = (labels: object): boolean => of(labels) && "code" in labels && String(labels.code).startsWith("5");
  const all = grown(shop, "http_requests_total", span, of);
  return all === 0 ? 0 : grown(shop, "http_requests_total", span, isFailed) / all;
}

const meanMs = (shop: Shop, span: readonly [number, number], isMeant: (labels: object) => boolean): number => {
  const of = (part: string): number =>
    family(shop, "http_request_duration_seconds")
      .filter(({ name, labels }) => name.endsWith(part) && isMeant(labels))
      .reduce((sum, { points }) => {
        const until = (at: number): number => points.findLast(([moment]) => moment <= at)?.[1] ?? 0;
        return sum + until(span[1]) - until(span[0]);
      }, 0);
  return (1000 * of("_sum")) / of("_count");
};

const said = (lines: readonly ShopLine[], what: RegExp): readonly ShopLine[] =>
  lines.filter(({ message }) => what.test(message));

describe("the shop", () => {
  it("is the same for the same seed, and another one for another", () => {
    const brief = { from: FAULT_AT - MINUTE, to: FAULT_AT + 2 * MINUTE };
    expect(printed(run(7, "bad_pod", brief))).toBe(printed(run(7, "bad_pod", brief)));
    expect(printed(run(7, undefined, brief))).not.toBe(printed(run(8, undefined, brief)));
  });

  it("logs, traces and counts the same requests", () => {
    const shop = run(3, "error_burst", { traced: 1 });
    const failed = grown(
      shop,
      "http_requests_total",
      [0, TO],
      (labels) => "code" in labels && String(labels.code) >= "500",
    );
    expect(failed).toBeGreaterThan(10);
    expect(shop.lines.filter(({ level, status = 0 }) => level === "error" && status >= 500)).toHaveLength(failed);
    const served = shop.spans.filter(({ kind }) => kind === "server");
    expect(served).toHaveLength(grown(shop, "http_requests_total", [0, TO]));
    const logged = new Set(shop.lines.map(({ traceId }) => traceId));
    expect(shop.spans.filter(({ traceId }) => !logged.has(traceId))).toEqual([]);
  });

  it("tells everything in the order of time and inside of it", () => {
    const shop = run(4, "latency_step");
    const times = shop.lines.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(FROM);
    // a line is logged when its request ends
    expect(times.at(-1)).toBeLessThan(TO + MINUTE);
    for (const { points } of shop.families.flatMap(({ series }) => series))
      expect(points.every(([at], i) => at > FROM && at <= TO && at > (points[i - 1]?.[0] ?? 0))).toBe(true);
  });

  it("makes whole traces", () => {
    const { spans } = run(5);
    for (const trace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
      const ids = new Map(trace.map((span) => [span.spanId, span]));
      expect(ids.size).toBe(trace.length);
      expect(trace.filter(({ parentId }) => parentId === undefined)).toHaveLength(1);
      const early = trace.filter(
        ({ parentId, startsAt }) => parentId !== undefined && (ids.get(parentId)?.startsAt ?? Infinity) > startsAt,
      );
      expect(early).toEqual([]);
    }
    expect(spans.every(({ traceId, spanId }) => /^[\da-f]{32}$/.test(traceId) && /^[\da-f]{16}$/.test(spanId))).toBe(
      true,
    );
  });

  it("has counters that only grow, also from the remembered days to today", () => {
    const shop = run(6, undefined, { remembered: [7 * 24 * 60 * MINUTE, 24 * 60 * MINUTE] });
    for (const { kind, series } of shop.families)
      for (const { points } of kind === "counter" ? series : [])
        expect(points.every(([, value], i) => value >= (points[i - 1]?.[1] ?? 0))).toBe(true);
    const days = new Set(
      family(shop, "up")[0]?.points.map(([at]) => Math.floor((FAULT_AT + 60 * MINUTE - at) / (24 * 60 * MINUTE))),
    );
    expect([...days].toSorted((a, b) => a - b)).toEqual([0, 1, 7]);
  });
});

describe("a quiet shop", () => {
  it.each([11, 12, 13, 14])("has no sign of a fault, and lives (seed %i)", (seed) => {
    const shop = run(seed);
    expect(said(shop.lines, /no space left|has expired|free worker/)).toEqual([]);
    expect(failedShare(shop, [FROM, TO], "frontend")).toBeLessThan(0.02);
    expect(family(shop, "x509_cert_expired").every(({ points }) => points.every(([, value]) => value === 0))).toBe(
      true,
    );
    const free = family(shop, "node_filesystem_avail_bytes").flatMap(({ points }) => points.map(([, value]) => value));
    expect(Math.min(...free)).toBeGreaterThan(10 * 2 ** 30);
    expect(shop.place).toBeUndefined();
    expect(new Set(shop.lines.map(({ level }) => level))).toEqual(new Set(["error", "warn", "info", "debug"]));
    // Something goes wrong now and then, and somebody tries what can be tried.
    expect(shop.lines.some(({ level }) => level === "error")).toBe(true);
    expect(
      shop.lines.some(({ message }) =>
        /<script>|DROP TABLE|Bearer |jndi|A{9000}|not-a-real|login failed|nested/.test(message),
      ),
    ).toBe(true);
  });

  it("differs from shop to shop: rollouts, growth, a service that talks more", () => {
    const shops = Array.from({ length: 20 }, (_, i) =>
      run(100 + i, undefined, { rate: 0.05, from: FAULT_AT - MINUTE }),
    );
    const deployed = shops.filter(({ changes }) => changes.some(({ kind }) => kind === "deploy"));
    expect(deployed.length).toBeGreaterThan(1);
    expect(deployed.length).toBeLessThan(15);
  });
});

describe("faults", () => {
  const seeds = [1, 2, 3];
  const shops = new Map(SHOP_FAULTS.map((fault) => [fault, seeds.map((seed) => run(seed, fault))]));
  const of = (fault: ShopFault): readonly Shop[] => shops.get(fault) ?? [];

  it.each(SHOP_FAULTS)(
    "%s: an alert comes minutes after it, in time to be looked at, and beside its cause",
    (fault) => {
      for (const { alert, services, place } of of(fault)) {
        expect(alert.startsAt).toBeGreaterThan(FAULT_AT + MINUTE);
        expect(alert.startsAt).toBeLessThan(TO);
        const about = services.find(({ name }) => name === alert.labels["service"]);
        const near = [about?.name, ...(about?.calls ?? []), ...(about?.calledBy ?? [])];
        const onNode = about?.pods.some(({ node }) => node === place?.node) === true;
        expect(onNode || near.includes(place?.service)).toBe(true);
      }
    },
  );

  it.each(SHOP_FAULTS.filter((fault) => fault !== "latency_step" && fault !== "bad_pod"))(
    "%s: a service fails more often than before",
    (fault) => {
      for (const shop of of(fault)) {
        const hurt = [shop.alert.startsAt - 2 * MINUTE, TO] as const;
        const worst = Math.max(
          ...shop.services.map(({ name }) => failedShare(shop, hurt, name) - failedShare(shop, BEFORE, name)),
        );
        expect(worst).toBeGreaterThan(0.015);
      }
    },
  );

  it("error_burst: only its service is refused, by its peer", () => {
    for (const shop of of("error_burst")) {
      const { service, peer = "" } = shop.place ?? {};
      const refused = said(shop.lines, /ECONNREFUSED|Connection refused/).filter((line) => line.peer === peer);
      const since = refused.filter(({ at }) => at >= FAULT_AT);
      expect(since.length).toBeGreaterThan(5);
      expect(since.every((line) => line.service === service)).toBe(true);
      expect(refused.length - since.length).toBeLessThan(since.length / 2);
    }
  });

  it("latency_step: its service is slow from then on, and fails no more than before", () => {
    for (const shop of of("latency_step")) {
      const isIt = (labels: object): boolean => "service" in labels && labels.service === shop.place?.service;
      expect(meanMs(shop, [FAULT_AT + MINUTE, TO], isIt)).toBeGreaterThan(1.2 * meanMs(shop, BEFORE, isIt));
    }
  });

  it("bad_version: the version is told as a change, runs on all pods, and alone has its failures", () => {
    for (const shop of of("bad_version")) {
      const { service, version } = shop.place ?? {};
      expect(shop.changes).toContainEqual(
        expect.objectContaining({
          kind: "deploy",
          at: FAULT_AT,
          labels: expect.objectContaining({ service, version }),
        }),
      );
      expect(shop.services.find(({ name }) => name === service)?.pods.map((pod) => pod.version)).toSatisfy(
        (versions: string[]) => versions.every((each) => each === version),
      );
      const bugs = said(shop.lines, /'currency'|Invalid time value|field "quantity"|price list/);
      expect(bugs.length).toBeGreaterThan(0);
      expect(bugs.every((line) => line.version === version && line.at >= FAULT_AT)).toBe(true);
    }
  });

  it("bad_pod: one pod of several fails or is slow", () => {
    for (const shop of of("bad_pod")) {
      const { pod, service } = shop.place ?? {};
      const since = [FAULT_AT, TO] as const;
      const isPod = (labels: object): boolean => "pod" in labels && labels.pod === pod;
      const ill = said(shop.lines, /local cache is corrupt|EAI_AGAIN|20 of 20/);
      const slower = meanMs(shop, since, isPod) / meanMs(shop, BEFORE, isPod);
      expect(ill.length > 3 || slower > 1.5).toBe(true);
      expect(ill.every((line) => line.pod === pod && line.at >= FAULT_AT)).toBe(true);
      expect(shop.services.find(({ name }) => name === service)?.pods.length).toBeGreaterThan(2);
    }
  });

  it("disk_full: the node's disk fills slowly, and only its pods find no space, when it is full", () => {
    for (const shop of of("disk_full")) {
      const node = shop.place?.node;
      const disk = family(shop, "node_filesystem_avail_bytes").find(({ labels }) => labels["node"] === node);
      const fullAt = disk?.points.find(([, value]) => value === 0)?.[0] ?? 0;
      expect(fullAt).toBeGreaterThan(FAULT_AT + MINUTE);
      const lines = said(shop.lines, /no space left on device/);
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.every(({ host, at }) => host === node && at >= fullAt - 15_000)).toBe(true);
    }
  });

  it("expired_certificate: handshakes fail from its end on, and metrics tell the end", () => {
    for (const shop of of("expired_certificate")) {
      const service = shop.place?.service;
      const end = family(shop, "x509_cert_not_after").find(({ labels }) => labels["service"] === service);
      expect(end?.points.at(-1)?.[1]).toBe(FAULT_AT / 1000);
      const lines = said(shop.lines, /certificate has expired/);
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.every(({ at }) => at >= FAULT_AT)).toBe(true);
    }
  });

  it("have other places and sizes for other seeds", () => {
    for (const fault of SHOP_FAULTS) {
      const places = Array.from({ length: 12 }, (_, i) =>
        JSON.stringify(run(50 + i, fault, { rate: 0.05, from: FAULT_AT - MINUTE, to: FAULT_AT + MINUTE }).place),
      );
      expect(new Set(places).size).toBeGreaterThan(5);
    }
  });
});
