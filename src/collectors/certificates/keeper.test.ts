import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAuthority } from "../../lab/certificates.ts";
import { hours, minutes, seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import type { Certificate } from "./certificate.ts";
import type { Endpoint, ProbeResult } from "./endpoint.ts";
import type { SourceReading, StoredSource } from "./inventory.ts";
import { Judge } from "./judge/judge.ts";
import { Keeper, type KeeperOptions } from "./keeper.ts";
import { CertificateReader } from "./x509/certificate-reader.ts";

const signal = new AbortController().signal;
const reader = new CertificateReader();
const judge = new Judge({ reader, fetch: () => Promise.reject(new Error("nothing is fetched here")) });
const EMPTY: SourceReading = { bundles: [], missing: [] };

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

const leafOf = async (life: number): Promise<Certificate> => (await chainOf(life))[0];

async function chainOf(life: number): Promise<[leaf: Certificate, authority: Certificate]> {
  const authority = await createAuthority();
  const notBefore = new Date();
  const { certificatePem } = await authority.issue({
    hosts: ["a.lan"],
    notBefore,
    notAfter: new Date(notBefore.getTime() + life),
  });
  const { certificates } = await reader.read(Buffer.from(certificatePem + authority.certificatePem));
  const [leaf, root] = certificates;
  if (leaf === undefined || root === undefined) throw new Error("no certificate was made");
  return [leaf, root];
}

const endpoint = (name: string): Endpoint => ({
  name,
  protocol: "tls",
  host: "127.0.0.1",
  port: 1,
  serverName: "a.lan",
  ipProtocol: "any",
  timeout: seconds(1),
});

const served = (...chain: readonly Certificate[]): ProbeResult => ({
  at: Date.now() / 1000,
  duration: 0.1,
  tls: { version: "TLS 1.3", cipher: "TLS_AES_128_GCM_SHA256", served: chain, unreadable: 0 },
});
const refused = (): ProbeResult => ({
  at: Date.now() / 1000,
  duration: 0.1,
  error: new CollectError("connection_refused", "refused"),
});

function keep(options: Partial<KeeperOptions>): Keeper {
  return new Keeper({
    endpoints: [],
    sources: [],
    renewalInfo: undefined,
    probe: () => Promise.resolve(refused()),
    judge,
    pace: 1,
    probeEvery: minutes(5),
    probeConcurrency: 4,
    close: () => Promise.resolve(),
    ...options,
  });
}

/** Refreshes again and again, as the parts do, for so long. */
async function live(keeper: Keeper, forMs: number, tick: number = seconds(30)): Promise<void> {
  for (let at = 0; at < forMs; at += tick) {
    await vi.advanceTimersByTimeAsync(tick);
    await keeper.refresh(signal);
  }
}

test("every endpoint is probed at once at first, and from then on spread over its interval", async () => {
  const leaf = await leafOf(hours(24 * 90));
  const times = new Map<string, number[]>();
  const keeper = keep({
    endpoints: Array.from({ length: 50 }, (_, i) => endpoint(`tls://h${i}:1`)),
    probe: ({ name }) => {
      times.set(name, [...(times.get(name) ?? []), Date.now()]);
      return Promise.resolve(served(leaf));
    },
  });
  const begun = Date.now();
  await keeper.refresh(signal);
  expect([...times.values()].flat()).toHaveLength(50);
  await live(keeper, hours(1));
  const counts = [...times.values()].map((each) => each.length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(11);
  expect(Math.max(...counts)).toBeLessThanOrEqual(14);
  const second = [...times.values()].map((each) => (each[1] ?? begun) - begun);
  expect(Math.max(...second) - Math.min(...second)).toBeGreaterThan(minutes(1));
  await keeper.close();
});

test("a certificate of a short life is looked at more often: within 2 % of it", async () => {
  const leaf = await leafOf(minutes(100));
  let probes = 0;
  const keeper = keep({
    endpoints: [endpoint("tls://a:1")],
    probe: () => {
      probes += 1;
      return Promise.resolve(served(leaf));
    },
  });
  await keeper.refresh(signal);
  await live(keeper, minutes(60));
  expect(probes).toBeGreaterThanOrEqual(25);
  await keeper.close();
});

test("no more endpoints than allowed are probed at once", async () => {
  let running = 0;
  let most = 0;
  const keeper = keep({
    endpoints: Array.from({ length: 30 }, (_, i) => endpoint(`tls://h${i}:1`)),
    probe: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 100));
      running -= 1;
      return refused();
    },
  });
  const refreshing = keeper.refresh(signal);
  await vi.advanceTimersByTimeAsync(5_000);
  await refreshing;
  expect(most).toBe(4);
  expect(keeper.endpoints.every(({ probe }) => probe !== undefined)).toBe(true);
  await keeper.close();
});

test("what an endpoint served stays while it is away for less than three intervals, and not longer", async () => {
  const leaf = await leafOf(hours(24 * 90));
  let answer = served(leaf);
  const keeper = keep({ endpoints: [endpoint("tls://a:1")], probe: () => Promise.resolve(answer) });
  await keeper.refresh(signal);
  answer = refused();
  await live(keeper, minutes(14));
  expect(keeper.endpoints[0]).toMatchObject({ probe: { error: { reason: "connection_refused" } }, shown: {} });
  await live(keeper, minutes(3));
  expect(keeper.endpoints[0]?.shown).toBeUndefined();
  await keeper.close();
});

test("a refresh waits no longer than 20 s for what hangs, and has the rest", async () => {
  const leaf = await leafOf(hours(24 * 90));
  const keeper = keep({
    endpoints: [endpoint("tls://hangs:1"), endpoint("tls://a:1")],
    probe: ({ name }) => (name.includes("hangs") ? new Promise(() => undefined) : Promise.resolve(served(leaf))),
  });
  const refreshing = keeper.refresh(signal);
  await vi.advanceTimersByTimeAsync(seconds(20) + 10);
  await refreshing;
  expect(keeper.endpoints.map(({ probe }) => probe !== undefined)).toEqual([false, true]);
});

test("what failed is tried again within a minute, however long the interval is", async () => {
  const probes: number[] = [];
  const reads: number[] = [];
  const source: StoredSource = {
    kind: "url",
    name: "u",
    every: hours(1),
    read: () => {
      reads.push(Date.now());
      return reads.length === 1 ? Promise.reject(new CollectError("timeout", "late")) : Promise.resolve(EMPTY);
    },
    close: () => Promise.resolve(),
  };
  const keeper = keep({
    endpoints: [endpoint("tls://a:1")],
    sources: [source],
    probeEvery: hours(6),
    probe: () => {
      probes.push(Date.now());
      return Promise.resolve(refused());
    },
  });
  await keeper.refresh(signal);
  await live(keeper, minutes(2));
  expect(probes.length).toBeGreaterThanOrEqual(2);
  expect(reads).toHaveLength(2);
  expect(keeper.sources[0]?.up).toBe(true);
  await keeper.close();
});

test("a source that fails keeps its last reading for three intervals; what it lacks is counted by reason", async () => {
  const missing = [{ piece: "x", error: new CollectError("forbidden", "no") }];
  let answer: () => Promise<SourceReading> = () => Promise.resolve({ ...EMPTY, missing });
  const source: StoredSource = {
    kind: "file",
    name: "f",
    every: minutes(1),
    read: () => answer(),
    close: () => Promise.resolve(),
  };
  const keeper = keep({ sources: [source] });
  await keeper.refresh(signal);
  expect(keeper.sources[0]).toMatchObject({ up: false, reading: { missing } });
  answer = () => Promise.reject(new CollectError("timeout", "late"));
  await live(keeper, minutes(2));
  expect(keeper.sources[0]).toMatchObject({ up: false, error: { reason: "timeout" }, reading: {} });
  expect(Object.fromEntries(keeper.sources[0]?.errorCounts ?? [])).toEqual({ forbidden: 1, timeout: 2 });
  await live(keeper, minutes(2));
  expect(keeper.sources[0]?.reading).toBeUndefined();
  await keeper.close();
});

test("a fault of the probe itself is told as one, and tried again only when it is due", async () => {
  let probes = 0;
  const keeper = keep({
    endpoints: [endpoint("tls://a:1")],
    probe: () => {
      probes += 1;
      return Promise.reject(new TypeError("broken"));
    },
  });
  await keeper.refresh(signal);
  await keeper.refresh(signal);
  expect(probes).toBe(1);
  expect(keeper.endpoints[0]?.probe?.error?.reason).toBe("internal");
  await keeper.close();
});

test("a keeper closes while probes wait for their turn", async () => {
  const keeper = keep({
    endpoints: Array.from({ length: 6 }, (_, i) => endpoint(`tls://h${i}:1`)),
    probeConcurrency: 2,
    probe: (_endpoint, stopped) =>
      new Promise((_resolve, reject) => stopped.addEventListener("abort", () => reject(stopped.reason as Error))),
  });
  const refreshing = keeper.refresh(signal);
  await vi.advanceTimersByTimeAsync(100);
  await keeper.close();
  await expect(refreshing).resolves.toBeUndefined();
});

test("an authority that is served from now on is known, although the leaf is the same", async () => {
  const [leaf, authority] = await chainOf(hours(24 * 90));
  let chain: readonly Certificate[] = [leaf];
  const keeper = keep({
    endpoints: [endpoint("tls://a:1")],
    probe: () => Promise.resolve(served(...chain)),
  });
  await keeper.refresh(signal);
  expect(keeper.authorities.checks(leaf)).toEqual([]);
  chain = [leaf, authority];
  await live(keeper, minutes(6));
  expect(keeper.authorities.checks(leaf)).toHaveLength(2);
  await keeper.close();
});

test("a source that is not done within its deadline, and heeds no signal, has timed out; it holds up no end", async () => {
  const source: StoredSource = {
    kind: "file",
    name: "f",
    every: minutes(1),
    read: () => new Promise(() => undefined),
    close: () => Promise.resolve(),
  };
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("late", "TimeoutError")), ms);
    return controller.signal;
  });
  const keeper = keep({ sources: [source] });
  const refreshing = keeper.refresh(signal);
  await vi.advanceTimersByTimeAsync(minutes(2) + 10);
  await refreshing;
  expect(keeper.sources[0]).toMatchObject({
    up: false,
    error: { reason: "timeout", message: expect.stringContaining("f: ") },
  });
  const again = keeper.refresh(signal);
  await vi.advanceTimersByTimeAsync(seconds(1));
  await keeper.close();
  await again;
  timeout.mockRestore();
});
