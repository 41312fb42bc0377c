import type { Draws } from "./draws.ts";
import type { MetricStore, Written, WrittenHistogram } from "./metric-store.ts";
import type { Pod } from "./topology.ts";

const REQUESTS = { name: "http_requests_total", kind: "counter", help: "Requests that were answered." } as const;
const DURATION = { name: "http_request_duration_seconds", help: "How long requests took." } as const;
const CALLS = { name: "client_requests_total", kind: "counter", help: "Calls of others, by how they ended." } as const;
const CALL_TIME = {
  name: "client_request_duration_seconds_total",
  kind: "counter",
  help: "Time spent in calls of others.",
} as const;
const counter = (name: string, help: string) => ({ name, kind: "counter", help }) as const;
const gauge = (name: string, help: string) => ({ name, kind: "gauge", help }) as const;

/** The metrics of one pod. */
export interface PodMetrics {
  answered(route: string, status: number, ms: number): void;
  called(peer: string, isGood: boolean, ms: number): void;
  /** Moves what is no count of requests to the end of a step. */
  step(at: number, seconds: number, isBatch: boolean): void;
}

/** Makes the series of a pod, which end when the pod does (`store.end(pod.name)`). */
export function makePodMetrics(store: MetricStore, pod: Pod, draws: Draws): PodMetrics {
  const owner = pod.name;
  const { labels } = pod;
  const duration: WrittenHistogram = store.histogram(DURATION, labels, owner);
  const requests = counted(store, REQUESTS, owner);
  const calls = counted(store, CALLS, owner);
  const callTime = counted(store, CALL_TIME, owner);
  const gauges = makeGauges(store, pod, draws);
  let busyMs = 0;
  let answers = 0;
  return {
    answered: (route, status, ms) => {
      const code = String(status);
      requests(`${route} ${code}`, () => ({ ...labels, route, code }), 1);
      duration.observe(ms / 1000);
      busyMs += ms;
      answers += 1;
    },
    called: (peer, isGood, ms) => {
      const outcome = isGood ? "ok" : "error";
      calls(`${peer} ${outcome}`, () => ({ ...labels, peer, outcome }), 1);
      callTime(peer, () => ({ ...labels, peer }), ms / 1000);
    },
    step: (at, seconds, isBatch) => {
      gauges({ at, seconds, isBatch, busy: busyMs / 1000 / seconds, answers });
      busyMs = 0;
      answers = 0;
    },
  };
}

function counted(
  store: MetricStore,
  family: { name: string; kind: "counter"; help: string },
  owner: string,
): (key: string, labels: () => Readonly<Record<string, string>>, by: number) => void {
  const known = new Map<string, Written>();
  return (key, labels, by) => {
    let written = known.get(key);
    if (written === undefined) {
      written = store.add(family, labels(), { owner, value: 0 });
      known.set(key, written);
    }
    written.value = (written.value ?? 0) + by;
  };
}

interface Step {
  readonly at: number;
  readonly seconds: number;
  readonly isBatch: boolean;
  readonly busy: number;
  readonly answers: number;
}

function makeGauges(store: MetricStore, pod: Pod, draws: Draws): (step: Step) => void {
  const own = (family: { name: string; kind: "counter" | "gauge"; help: string }, value: number): Written =>
    store.add(family, pod.labels, { owner: pod.name, value });
  const cpu = own(counter("process_cpu_seconds_total", "CPU time."), draws.span(100, 9000));
  const memory = own(gauge("process_resident_memory_bytes", "Memory in use."), draws.span(1.2e8, 2.6e8));
  const collected = own(counter("gc_pause_seconds_total", "Time in which garbage was collected."), draws.span(1, 90));
  const queue = own(gauge("worker_queue_length", "Work that waits."), 0);
  const pool = own(gauge("worker_pool_busy", "Workers that are at work."), 0);
  own(gauge("process_start_time_seconds", "When the process began."), Math.floor(pod.startedAt / 1000));
  own(gauge("up", "Whether it could be scraped."), 1);
  store.add(
    gauge("shop_build_info", "What is built in, always 1."),
    { ...pod.labels, version: pod.version },
    { owner: pod.name, value: 1 },
  );
  const usual = memory.value ?? 0;
  let noise = 0;
  return ({ seconds, isBatch, busy, answers }) => {
    noise = 0.85 * noise + 0.06 * draws.gauss();
    const cores = Math.max(0.002, 0.01 + answers * 0.0004 + 0.02 * Math.abs(noise) + (isBatch ? 0.08 : 0));
    cpu.value = (cpu.value ?? 0) + cores * seconds;
    const grown = (memory.value ?? usual) + usual * 0.004 * draws.next();
    memory.value = Math.round(grown > usual * 1.35 ? usual : grown);
    collected.value = (collected.value ?? 0) + Math.abs(draws.gauss()) * 0.004 * (1 + answers / 20);
    pool.value = Math.round(busy + draws.next() * 0.8);
    queue.value = Math.max(
      0,
      Math.round(busy * 0.6 + draws.logNormal(0.6, 0.8) + (isBatch ? draws.span(5, 40) : 0) - 1),
    );
  };
}
