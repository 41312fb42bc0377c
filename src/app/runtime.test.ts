import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeCollector, fakeMetric, type Fake } from "../../test/helpers/fake-collector.ts";
import type { Config } from "../config/schema.ts";
import { hours } from "../core/duration.ts";
import { CollectError, ConfigError, NoData } from "../core/errors.ts";
import type { CollectContext, Target } from "../core/pack.ts";
import { createExposition } from "../exporters/prometheus/exposition.ts";
import { createServiceMetrics } from "./service-metrics.ts";
import { createPublisher } from "./publisher.ts";
import { startRuntime, type Runtime } from "./runtime.ts";

interface World {
  fake: Fake;
  /** Names of the targets that the next load gives; an error is what it throws. */
  targets: string[] | Error;
  /** What that load gives besides. */
  sections?: Partial<Config>;
  /** Takes up what else a new configuration changes. */
  reloaded?: () => Promise<void>;
  log: string[];
  runtime: Runtime;
  metrics(): Promise<string>;
}

async function startWorld(targets: string[], options?: Parameters<typeof fakeCollector>[0]): Promise<World> {
  const fake = fakeCollector(options);
  const selfMetrics = createServiceMetrics();
  const exposition = createExposition({ selfMetrics: selfMetrics.registry });
  const world = {
    fake,
    targets,
    log: [],
    async metrics() {
      const { chunks } = await exposition.render({ format: "text" });
      return Buffer.concat([...chunks]).toString();
    },
  } as unknown as World;
  const load = async (): Promise<Config> => {
    if (world.targets instanceof Error) throw world.targets;
    const parsed = world.targets.map((name): Target => fake.collector.target.parse({ name }));
    return {
      file: "test.yaml",
      store: { type: "sqlite", path: "watchkeeper.db" },
      effective: {},
      targets: parsed,
      log: { level: "info", format: "json" },
      server: { listen: { port: 0 }, external_url: "http://localhost", web_config_file: undefined },
      ...world.sections,
    };
  };
  const log = pino({ level: "debug" }, { write: (line: string) => void world.log.push(line) });
  world.runtime = await startRuntime({
    load,
    publisher: createPublisher(exposition),
    metrics: selfMetrics,
    log,
    reloaded: async () => world.reloaded?.(),
  });
  return world;
}

describe("the runtime", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] }));
  afterEach(() => void vi.useRealTimers());
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await vi.advanceTimersByTimeAsync(Math.min(500, ms - passed));
      // encoding yields to the event loop between slices
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it("is ready when every part was polled once, and shows what was read beside what it knows of the part", async () => {
    const { runtime, metrics } = await startWorld(["one"]);
    expect(runtime.isReady()).toBe(false);
    expect(await metrics()).not.toContain("fake_value");
    expect(await metrics()).not.toContain("watchkeeper_part_success{");
    expect(await metrics()).toContain(
      'watchkeeper_part_errors_total{target="one",collector="fake",part="only",reason="timeout"} 0',
    );
    await pass(1_000);
    expect(runtime.isReady()).toBe(true);
    expect(await metrics()).toContain('fake_value{target="one",piece="a"} 1');
    expect(await metrics()).toContain('watchkeeper_part_success{target="one",collector="fake",part="only"} 1');
    await runtime.stop();
  });

  it("shows the last values of a failing part until they are three intervals old, and says at once that it fails", async () => {
    const { fake, runtime, metrics } = await startWorld(["one"]);
    await pass(1_000);
    fake.behaviour = () => Promise.reject(new CollectError("connection_refused", "refused"));
    await pass(12_000);
    expect(await metrics()).toContain("fake_value{");
    expect(await metrics()).toContain('watchkeeper_part_success{target="one",collector="fake",part="only"} 0');
    await pass(22_000);
    expect(await metrics()).not.toContain("fake_value{");
    expect(await metrics()).toMatch(/reason="connection_refused"} 3\n/);
    await runtime.stop();
  });

  it.each([
    ["a poll that failed", () => Promise.reject(new CollectError("connection_refused", "refused"))],
    [
      "one that missed a piece",
      async ({ missing }: CollectContext) => missing("b", new CollectError("timeout", "hung")),
    ],
  ])("does not wait a whole hour after %s", async (_, trouble) => {
    const { fake, runtime, metrics } = await startWorld(["one"], { every: hours(1) });
    const well = fake.behaviour;
    fake.behaviour = trouble;
    await pass(1_000);
    expect(await metrics()).not.toContain("fake_value{");
    fake.behaviour = well;
    await pass(65_000);
    expect(await metrics()).toContain("fake_value{");
    await runtime.stop();
  });

  it("takes values away at once when there is nothing to read any more", async () => {
    const { fake, runtime, metrics } = await startWorld(["one"]);
    await pass(1_000);
    fake.behaviour = () => Promise.reject(new NoData("gone"));
    await pass(12_000);
    expect(await metrics()).not.toContain("fake_value{");
    expect(await metrics()).toContain('watchkeeper_part_success{target="one",collector="fake",part="only"} 1');
    await runtime.stop();
  });

  it("counts the pieces that the newest poll could not read, until one reads them all", async () => {
    const { fake, runtime, metrics } = await startWorld(["one"]);
    fake.behaviour = async ({ record, missing }) => {
      record(fakeMetric, { piece: "a" }, 1);
      for (const piece of ["b", "c"]) missing(piece, new CollectError("timeout", "hung"));
    };
    await pass(1_000);
    const missing = 'watchkeeper_part_missing_pieces{target="one",collector="fake",part="only",reason="timeout"} 2';
    expect(await metrics()).toContain(missing);
    fake.behaviour = async ({ record }) => record(fakeMetric, { piece: "a" }, 1);
    await pass(12_000);
    expect(await metrics()).not.toContain("watchkeeper_part_missing_pieces{");
    await runtime.stop();
  });

  it("lets one target's trouble be no other's", async () => {
    const { fake, runtime, metrics } = await startWorld(["good", "hung", "broken"]);
    fake.behaviour = async ({ record }, target) => {
      if (target === "hung") return new Promise(() => undefined);
      if (target === "broken") throw new Error("a fault of ours");
      record(fakeMetric, { piece: "a" }, 5);
    };
    await pass(5_000);
    expect(await metrics()).toContain('fake_value{target="good",piece="a"} 5');
    expect(runtime.statuses().map(({ target, outcome }) => [target, outcome])).toEqual([
      ["good", "success"],
      ["hung", "pending"],
      ["broken", "failed"],
    ]);
    await runtime.stop();
  });

  it("logs a failure once, not at every poll, and its end", async () => {
    const world = await startWorld(["one"]);
    world.fake.behaviour = () => Promise.reject(new CollectError("timeout", "hung"));
    await pass(45_000);
    world.fake.behaviour = async () => undefined;
    await pass(12_000);
    const lines = world.log.map((line) => JSON.parse(line) as { level: number; msg: string; reason?: string });
    expect(lines.filter(({ level }) => level === 40)).toMatchObject([{ reason: "timeout", msg: "hung" }]);
    expect(lines.filter(({ msg }) => msg === "reads again")).toHaveLength(1);
    await world.runtime.stop();
  });

  it("says which sections count only after a restart when they come or go", async () => {
    const world = await startWorld(["one"]);
    const prometheus = { url: "http://localhost:9090", caFile: undefined };
    const slo = { specs: ["slo"], exclusions: [], policyFile: undefined, auditLog: undefined };
    world.sections = { prometheus, slo };
    await world.runtime.reload();
    const told = world.log.map((line) => JSON.parse(line) as { changed?: readonly string[] });
    expect(told.flatMap(({ changed = [] }) => changed)).toEqual(["prometheus", "slo"]);
    await world.runtime.stop();
  });

  it("takes up a new configuration: new targets come, old ones go, those that stay keep their values", async () => {
    const world = await startWorld(["stays", "goes"]);
    await pass(1_000);
    world.fake.behaviour = () => new Promise(() => undefined);
    world.targets = ["stays", "comes"];
    await world.runtime.reload();
    const metrics = await world.metrics();
    expect(metrics).toContain('fake_value{target="stays"');
    expect(metrics).not.toContain('target="goes"');
    expect(metrics).toContain('watchkeeper_part_interval_seconds{target="comes"');
    expect(metrics).toContain("watchkeeper_config_last_reload_successful 1");
    expect(world.fake.closed).toEqual(["stays", "goes"]);
    await world.runtime.stop();
  });

  it.each([
    [
      "a bad file",
      new ConfigError([{ file: "test.yaml", line: 3, column: 1, path: "targets", message: "is wrong" }]),
      "test.yaml:3:1 targets: is wrong",
    ],
    [
      "a target that can not be opened",
      ["one", "unopenable"],
      "targets.fake.unopenable: Error: its file can not be read",
    ],
  ])("keeps the former configuration running at %s, and says so", async (_, targets, message) => {
    const world = await startWorld(["one"]);
    await pass(1_000);
    world.targets = targets;
    await expect(world.runtime.reload()).rejects.toThrow(message);
    expect(await world.metrics()).toContain("watchkeeper_config_last_reload_successful 0");
    world.fake.behaviour = async ({ record }) => record(fakeMetric, { piece: "a" }, 42);
    await pass(12_000);
    expect(await world.metrics()).toContain('fake_value{target="one",piece="a"} 42');
    expect(world.runtime.config().targets.map(({ name }) => name)).toEqual(["one"]);
    await world.runtime.stop();
    expect(world.fake.opened.toSorted()).toEqual(world.fake.closed.toSorted());
  });

  it("does not say that the former configuration stays in use where it does not", async () => {
    const world = await startWorld(["one"]);
    world.targets = ["one", "two"];
    world.reloaded = () => Promise.reject(new CollectError("tls_untrusted", "ca_file is not usable"));
    await expect(world.runtime.reload()).rejects.toThrow("ca_file is not usable");
    expect(await world.metrics()).toContain("watchkeeper_config_last_reload_successful 0");
    expect(world.runtime.config().targets).toHaveLength(2);
    const said = world.log.join("");
    expect(said).toMatch(/was reloaded only in part: targets are polled by the new one.*ca_file is not usable/);
    expect(said).not.toContain("stays in use");
    await world.runtime.stop();
  });

  it("stops with polls under way, leaving no timer and no open target behind", async () => {
    const { fake, runtime } = await startWorld(["one", "two"]);
    fake.behaviour = () => new Promise(() => undefined);
    await pass(100);
    await runtime.stop();
    expect(fake.closed.toSorted()).toEqual(["one", "two"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
