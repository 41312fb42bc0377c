import type { Change, Exemplar } from "../../core/telemetry.ts";
import { SHOP_STEP_MS, type ShopFault, type ShopTelemetry } from "./contract.ts";
import { createDraws, type Draws } from "./draws.ts";
import type { ActiveFault } from "./faults/active-fault.ts";
import { deployChange, planRollout } from "./faults/bad-version.ts";
import { FAULT_PLANS } from "./faults/catalogue.ts";
import { MetricStore } from "./metric-store.ts";
import { murmur } from "./murmur.ts";
import { makeFleetMetrics, makeNodeMetrics, type MetricStep } from "./node-metrics.ts";
import { ENTRIES, SERVICES, type Operation } from "./operations.ts";
import { makePodMetrics, type PodMetrics } from "./pod-metrics.ts";
import { createRecorder, NO_RECORDER, type Recorder } from "./recorder.ts";
import { makeSeason, type Season } from "./season.ts";
import { serve, type Floor } from "./serve.ts";
import { Rollouts } from "./rollouts.ts";
import { buildTopology, type Pod, type Topology } from "./topology.ts";
import { makeUnrelatedMetrics } from "./unrelated-metrics.ts";

/** What decides how a shop runs. */
export interface SimulationOptions {
  readonly seed: number;
  /** Unix milliseconds. */
  readonly from: number;
  /** Around when harmless things happen. */
  readonly middle: number;
  /** Requests of customers in a second, on average over a day. */
  readonly rate: number;
  /** Share of requests whose spans are recorded. */
  readonly traced: number;
}

const STEP_S = SHOP_STEP_MS / 1000;
const ENTRY_WEIGHTS = ENTRIES.reduce((sum, [weight]) => sum + weight, 0);

/** A shop that runs as far as it is told. */
export class Simulation {
  readonly topology: Topology;
  readonly #options: SimulationOptions;
  readonly #draws: Draws;
  readonly #season: Season;
  readonly #store = new MetricStore();
  readonly #pods = new Map<string, PodMetrics>();
  readonly #steps: readonly MetricStep[];
  readonly #usual: Pick<Floor, "usualFailures" | "usualRefusals">;
  readonly #rollouts: Rollouts;
  #recorder = createRecorder();
  #exemplars: Exemplar[] = [];
  #changes: Change[] = [];
  #fault: ActiveFault | undefined;
  #at: number;

  constructor(options: SimulationOptions) {
    const { seed, from, middle } = options;
    const draws = createDraws(seed, "shop");
    this.#options = options;
    this.#at = aligned(from);
    this.topology = buildTopology(draws, from);
    this.#rollouts = new Rollouts(this.topology, ({ name }) => {
      this.#pods.delete(name);
      this.#store.end(name);
    });
    this.#season = makeSeason(draws, { middle, services: SERVICES });
    this.#usual = {
      usualFailures: draws.span(0.0001, 0.0015),
      usualRefusals: draws.chance(0.5) ? draws.span(0.0001, 0.0006) : 0,
    };
    const metrics = createDraws(seed, "metrics");
    this.#steps = [
      makeNodeMetrics(this.#store, this.topology, metrics),
      makeFleetMetrics(this.#store, this.topology, { draws: metrics, from }),
      makeUnrelatedMetrics(this.#store, this.topology, metrics),
    ];
    this.#draws = createDraws(seed, "requests");
    this.#planHarmless(createDraws(seed, "harmless"));
  }

  /** What happens to it; undefined while it is well. */
  get fault(): ActiveFault | undefined {
    return this.#fault;
  }

  /** Has a fault begin at a time that has not been reached. */
  begin(fault: ShopFault, at: number, fillMs: number): ActiveFault {
    const draws = createDraws(this.#options.seed, fault);
    const active = FAULT_PLANS[fault]({ draws, topology: this.topology, at, fillMs });
    this.#fault = active;
    if (active.place.service !== undefined) this.#sparedFromRollouts(active.place.service);
    this.#changes.push(...active.changes);
    if (active.rollout !== undefined) this.#rollouts.plan(active.rollout, draws);
    return active;
  }

  /** So that a harmless rollout neither ends a fault nor is taken for its cause. */
  #sparedFromRollouts(service: string): void {
    this.#rollouts.forget(service);
    this.#changes = this.#changes.filter(({ kind, labels }) => kind !== "deploy" || labels["service"] !== service);
  }

  /** Has the fault end; a version that was rolled out stays, and does no more harm. */
  end(): void {
    this.#fault = undefined;
  }

  /** Runs over the same time on an earlier day, with nothing but metrics; before it is run at all. */
  remember(from: number, to: number): void {
    const now = this.#at;
    this.#at = aligned(from);
    this.#run(to, NO_RECORDER, undefined);
    this.#at = now;
  }

  /** Runs until `to`, and gives what was said since it was last asked. */
  advance(to: number): ShopTelemetry {
    this.#run(to, this.#recorder, this.#fault);
    const { lines, spans } = this.#recorder;
    const exemplars = this.#exemplars;
    const ready = this.#changes.filter(({ at }) => at < to).toSorted((a, b) => a.at - b.at);
    this.#changes = this.#changes.filter(({ at }) => at >= to);
    this.#recorder = createRecorder();
    this.#exemplars = [];
    return {
      lines: lines.toSorted((a, b) => a.at - b.at),
      spans: spans.toSorted((a, b) => a.startsAt - b.startsAt),
      families: this.#store.take(),
      exemplars,
      changes: ready,
    };
  }

  #run(to: number, recorder: Recorder, fault: ActiveFault | undefined): void {
    while (this.#at + SHOP_STEP_MS <= to) {
      const at = this.#at;
      this.#rollouts.goOn(this.#draws, at);
      const floor: Floor = {
        draws: this.#draws,
        topology: this.topology,
        recorder,
        fault,
        ...this.#usual,
        metrics: (pod) => this.#metricsOf(pod),
      };
      const load = this.#season.load(at);
      const count = this.#draws.poisson(this.#options.rate * STEP_S * load);
      for (let i = 0; i < count; i += 1) this.#request(floor, at + this.#draws.next() * SHOP_STEP_MS);
      const isBatch = this.#season.isBatch(at);
      if (recorder.isOn) murmur({ floor, season: this.#season, at, stepMs: SHOP_STEP_MS, isBatch });
      this.#at += SHOP_STEP_MS;
      this.#write({ load, isBatch, fault });
    }
  }

  #write({ load, isBatch, fault }: { load: number; isBatch: boolean; fault: ActiveFault | undefined }): void {
    const at = this.#at;
    for (const pod of this.topology.pods.values())
      for (const each of pod) this.#metricsOf(each).step(at, STEP_S, isBatch);
    for (const step of this.#steps) step({ at, seconds: STEP_S, load, isBatch, fault });
    this.#store.write(at);
  }

  #request(floor: Floor, at: number): void {
    const { draws, recorder } = floor;
    const passage = {
      traceId: recorder.isOn ? draws.hex(32) : "",
      isTraced: recorder.isOn && draws.chance(this.#options.traced),
      customer: `customer-${draws.whole(1, 40_000)}`,
    };
    const { ms, pod } = serve(floor, entry(draws), at, passage);
    if (!passage.isTraced || !draws.chance(0.1)) return;
    const metric = "http_request_duration_seconds_bucket";
    this.#exemplars.push({
      traceId: passage.traceId,
      at: Math.floor(at),
      value: ms / 1000,
      metric,
      labels: pod.labels,
    });
  }

  #metricsOf(pod: Pod): PodMetrics {
    let metrics = this.#pods.get(pod.name);
    if (metrics === undefined) {
      metrics = makePodMetrics(this.#store, pod, createDraws(this.#options.seed, pod.name));
      this.#pods.set(pod.name, metrics);
    }
    return metrics;
  }

  /** In some shops a service is rolled out and nothing comes of it, and now and then something is configured. */
  #planHarmless(draws: Draws): void {
    const { middle } = this.#options;
    const around = (least: number, most: number): number => Math.floor(middle + draws.span(least, most) * 60_000);
    if (draws.chance(0.3)) {
      const at = around(-60, 10);
      const rollout = planRollout(draws, this.topology, draws.pick(SERVICES), at);
      this.#changes.push(deployChange(this.topology, rollout, at));
      this.#rollouts.plan(rollout, draws);
    }
    for (let i = draws.poisson(1); i > 0; i -= 1)
      this.#changes.push({
        kind: "config",
        at: around(-70, 15),
        title: `${draws.pick(["proxy", "dns", "log retention", "dashboards"])}: configuration changed`,
        labels: { namespace: draws.pick(["platform", "monitoring"]) },
        source: "api",
      });
  }
}

function entry(draws: Draws): Operation {
  let left = draws.next() * ENTRY_WEIGHTS;
  for (const [weight, operation] of ENTRIES) {
    left -= weight;
    if (left < 0) return operation;
  }
  return (ENTRIES[0] as (typeof ENTRIES)[number])[1];
}

const aligned = (at: number): number => Math.floor(at / SHOP_STEP_MS) * SHOP_STEP_MS;
