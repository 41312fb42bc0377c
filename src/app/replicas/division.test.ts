import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeCollector, fakeMetric, type Fake } from "../../../test/helpers/fake-collector.ts";
import type { Config } from "../../config/schema.ts";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import { replicaMetrics } from "../../core/replica-metrics.ts";
import type { ReplicaStore } from "../../core/replica-store.ts";
import { createExposition } from "../../exporters/prometheus/exposition.ts";
import { createPublisher } from "../publisher.ts";
import { startRuntime, type Runtime } from "../runtime.ts";
import { createServiceMetrics } from "../service-metrics.ts";
import { createMemoryStore } from "./__fixtures__/memory-store.ts";
import { createDivision, type Division } from "./division.ts";

const ALSO = "watchkeeper/other";
const NAMES = Array.from({ length: 8 }, (_, i) => `t${i}`);

interface Replica {
  readonly fake: Fake;
  readonly runtime: Runtime;
  readonly division: Division;
  readonly log: readonly string[];
  names: readonly string[];
  metrics(): Promise<string>;
  /** Targets of which values are shown. */
  shown(): Promise<readonly string[]>;
}

async function startReplica(store: ReplicaStore, names: readonly string[] = NAMES): Promise<Replica> {
  const fake = fakeCollector();
  const log: string[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void log.push(line) });
  const selfMetrics = createServiceMetrics();
  const exposition = createExposition({ selfMetrics: selfMetrics.registry });
  const { registry } = selfMetrics;
  const division = createDivision({ store, registry, log: logger, alsoDivided: [ALSO] });
  const replica = { fake, division, log, names } as unknown as Replica;
  const load = async (): Promise<Config> => ({
    file: "test.yaml",
    store: { type: "sqlite", path: "watchkeeper.db" },
    effective: {},
    targets: replica.names.map((name) => fake.collector.target.parse({ name })),
    log: { level: "info", format: "json" },
    server: { listen: { port: 0 }, external_url: "http://localhost", web_config_file: undefined },
  });
  const publisher = createPublisher(exposition);
  const runtime = await startRuntime({ load, publisher, metrics: selfMetrics, log: logger, division });
  const metrics = async (): Promise<string> => {
    const { chunks } = await exposition.render({ format: "text" });
    return Buffer.concat([...chunks]).toString();
  };
  const shown = async (): Promise<readonly string[]> =>
    [...(await metrics()).matchAll(/^fake_value\{target="(\w+)"/gm)].map(([, name = ""]) => name);
  return Object.assign(replica, { runtime, metrics, shown });
}

describe("targets that replicas divide", () => {
  let away = false;
  let store: ReplicaStore;
  const replicas: Replica[] = [];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
    away = false;
    const memory = createMemoryStore();
    const renewReplica: ReplicaStore["renewReplica"] = (card) =>
      away ? Promise.reject(new StoreUnavailable("it is away")) : memory.renewReplica(card);
    store = { ...memory, renewReplica };
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(({ runtime }) => runtime.stop()));
    vi.useRealTimers();
  });
  const start = async (names?: readonly string[]): Promise<Replica> => {
    const replica = await startReplica(store, names);
    replicas.push(replica);
    return replica;
  };
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 250) {
      await vi.advanceTimersByTimeAsync(Math.min(250, ms - passed));
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const figure = async ({ metrics }: Replica, { name }: { name: string }): Promise<string | undefined> =>
    new RegExp(`^${name} (.*)$`, "m").exec(await metrics())?.[1];

  it("are polled at once by a replica that is alone", async () => {
    const one = await start();
    await pass(1_000);
    expect(await one.shown()).toEqual(NAMES);
    expect(one.runtime.isReady()).toBe(true);
    expect(await figure(one, replicaMetrics.polled)).toBe("8");
    expect(await figure(one, replicaMetrics.configured)).toBe("8");
    expect(one.division.has(ALSO)).toBe(true);
  });

  it("are shown by one replica each, with what is known of the polls, and named by the other", async () => {
    const [one, two] = [await start(), await start()];
    await pass(20_000);
    const [first, second] = [await one.shown(), await two.shown()];
    expect([...first, ...second].toSorted()).toEqual(NAMES);
    for (const name of second) expect(await one.metrics()).not.toContain(`target="${name}"`);
    expect([one, two].filter(({ division }) => division.has(ALSO))).toHaveLength(1);
    expect(await figure(one, replicaMetrics.members)).toBe("2");
    const { id, isMember, owners, replicas: members } = await one.division.report();
    expect(isMember).toBe(true);
    expect(NAMES.filter((name) => owners?.get(`fake/${name}`) === id)).toEqual(first);
    expect(members.map(({ isSelf, targets }) => [isSelf, targets])).toEqual([
      [true, first.length],
      [false, second.length],
    ]);
    // a target that was given up is let go of, and opened again when it comes back
    expect(one.fake.closed.toSorted()).toEqual(second.toSorted());
    await two.runtime.stop();
    await pass(10_000);
    expect(await one.shown()).toEqual(NAMES);
    expect(one.fake.opened).toHaveLength(NAMES.length + second.length);
  });

  it("vanish before another may take them over while the store is away, and come back with it", async () => {
    const one = await start();
    await pass(6_000);
    away = true;
    await pass(11_000);
    expect(one.division.isMember()).toBe(false);
    expect(await one.metrics()).not.toContain('target="');
    const polled = vi.fn<Fake["behaviour"]>(one.fake.behaviour);
    one.fake.behaviour = polled;
    await pass(30_000);
    expect(polled).not.toHaveBeenCalled();
    expect(await figure(one, replicaMetrics.isMember)).toBe("0");
    expect(await figure(one, replicaMetrics.members)).toBeUndefined();
    expect(await figure(one, replicaMetrics.lapses)).toBe("1");
    expect(one.log.filter((line) => line.includes("it is away"))).toHaveLength(1);
    away = false;
    await pass(8_000);
    expect(await one.shown()).toEqual(NAMES);
    expect(one.runtime.isReady()).toBe(true);
  });

  it("are not polled by a process that stood still for too long, before it has joined again", async () => {
    const one = await start();
    await pass(6_000);
    const seen: boolean[] = [];
    one.fake.behaviour = async ({ record }) => {
      seen.push(one.division.isMember());
      record(fakeMetric, { piece: "a" }, 1);
    };
    // the clock goes on, and no timer runs
    vi.setSystemTime(Date.now() + 40_000);
    vi.spyOn(performance, "now").mockImplementation(() => Date.now() + 1e9);
    expect(one.division.has("fake/t0")).toBe(false);
    expect(await one.metrics()).not.toContain('target="');
    vi.restoreAllMocks();
    await pass(20_000);
    expect(new Set(seen)).toEqual(new Set([true]));
    expect(await one.shown()).toEqual(NAMES);
  });

  it("come and go with a new configuration, which only some replicas have yet", async () => {
    const [one, two] = [await start(), await start()];
    await pass(20_000);
    one.names = [...NAMES.slice(2), "new"];
    await one.runtime.reload();
    await pass(10_000);
    expect(await one.shown()).toContain("new");
    expect(await two.shown()).toEqual(expect.arrayContaining(NAMES.slice(0, 2)));
    expect([...(await one.shown()), ...(await two.shown())].toSorted()).toEqual(["new", ...NAMES].toSorted());
  });
});
