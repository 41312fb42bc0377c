import type { Draws } from "./draws.ts";
import type { MetricStore, Written } from "./metric-store.ts";
import { SERVICES } from "./operations.ts";
import type { MetricStep } from "./node-metrics.ts";
import type { Topology } from "./topology.ts";

const DAY_MS = 86_400_000;
const TOPICS = ["tasks", "cache", "tokens", "sessions", "events", "batch", "locks", "pages", "sensor", "feed"] as const;
const ASPECTS = ["pending", "ratio", "size", "age_seconds", "usage", "level", "temperature_celsius", "rows"] as const;

type Motion = (draws: Draws, series: Written) => (at: number) => void;

/** How series move that tell nothing; each one differently. */
const MOTIONS: readonly Motion[] = [
  function wanders(draws, series) {
    const [middle, stiff, size] = [draws.span(5, 500), draws.span(0.6, 0.98), draws.span(0.01, 0.15)];
    let noise = 0;
    return () => {
      noise = stiff * noise + Math.sqrt(1 - stiff ** 2) * size * draws.gauss();
      series.value = middle * (1 + noise);
    };
  },
  function hasDays(draws, series) {
    const [middle, size, phase] = [draws.span(5, 500), draws.span(0.1, 0.6), draws.span(0, 2 * Math.PI)];
    return (at) => {
      const day = Math.sin((2 * Math.PI * at) / DAY_MS + phase);
      series.value = middle * (1 + size * day + 0.03 * draws.gauss());
    };
  },
  function isSparse(draws, series) {
    const share = draws.span(0.002, 0.05);
    return () => {
      series.value = draws.chance(share) ? draws.whole(1, 9) : 0;
    };
  },
  function isConstant(draws, series) {
    series.value = draws.pick([0, 1, 4, 512, 86_400]);
    return () => {};
  },
  function grows(draws, series) {
    series.value = draws.span(100, 5000);
    const pace = draws.span(0.01, 2);
    return () => {
      series.value = (series.value ?? 0) + pace * (1 + 0.3 * draws.gauss());
    };
  },
  function isSawtooth(draws, series) {
    const [most, pace] = [draws.span(50, 900), draws.span(0.5, 6)];
    series.value = draws.span(0, most);
    return () => {
      const next = (series.value ?? 0) + pace * draws.next();
      series.value = next > most ? 0 : next;
    };
  },
  function hasGaps(draws, series) {
    const middle = draws.span(1, 50);
    return () => {
      series.value = draws.chance(0.3) ? undefined : Math.round(middle + draws.gauss() * Math.sqrt(middle));
    };
  },
];

/** Between 100 and 400 series of services and nodes that no fault moves. */
export function makeUnrelatedMetrics(store: MetricStore, topology: Topology, draws: Draws): MetricStep {
  const moves = Array.from({ length: draws.whole(100, 400) }, (_, i) => {
    const name = `${draws.pick(TOPICS)}_${draws.pick(ASPECTS)}`;
    const labels = draws.chance(0.7)
      ? { namespace: topology.namespace, service: draws.pick(SERVICES), shard: String(i) }
      : { node: draws.pick(topology.nodes).name, shard: String(i) };
    const series = store.add({ name, kind: "gauge", help: "Has nothing to do with it." }, labels, {
      owner: "unrelated",
    });
    return draws.pick(MOTIONS)(draws, series);
  });
  return ({ at }) => {
    for (const move of moves) move(at);
  };
}
