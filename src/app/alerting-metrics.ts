import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { DeliveryObserver } from "../alerting/delivery/observer.ts";
import type { IntakeObserver } from "../alerting/intake/webhook-receiver.ts";
import type { RepairStatus } from "../alerting/repair/reconciler.ts";
import type { RepairObserver } from "../alerting/repair/save-repairs.ts";
import { ALERT_STATES } from "../core/alert-group.ts";
import type { AlertingConfig } from "../core/alerting-config.ts";
import { alertingMetrics } from "../core/alerting-metrics.ts";
import { DELIVERY_REASONS } from "../core/delivery-errors.ts";
import { CONVERSATION_STATES } from "../core/conversation.ts";
import type { DeliveryStore } from "../core/delivery-store.ts";
import type { Metric } from "../core/metric.ts";
import type { DeliveryAction } from "../core/notifier.ts";
import { WEBHOOK_STATUS } from "../core/webhook-receiver.ts";

/** The counters and histograms of alert delivery, and what feeds them. */
export interface AlertingMetrics {
  readonly delivery: DeliveryObserver;
  readonly intake: IntakeObserver;
  readonly repair: RepairObserver;
  pinged(outcome: "success" | "failure"): void;
  /** Names who is to be asked how comparisons with Alertmanager go. */
  showRepair(statuses: () => readonly RepairStatus[]): void;
  /**
   * Shows each source, destination and reason from the beginning, at 0: a counter that appears with its first failure
   * hides it.
   */
  declare(config: Configured): void;
}

/** What is to be shown; the store knows former sources and destinations too, whose trouble concerns nobody. */
type Configured = Pick<AlertingConfig, "sources" | "destinations">;

const ACTIONS: readonly DeliveryAction[] = ["open", "update", "remind", "close"];
const COUNTED_BY_DESTINATION: readonly Metric[] = [
  alertingMetrics.superseded,
  alertingMetrics.dead,
  alertingMetrics.rolledUp,
  alertingMetrics.leasesLost,
];
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Counting conversations costs a query: scrapes within this time share one. */
const COUNTS_FRESH_MS = 5_000;

/**
 * Registers the metrics; those of the store's content are read at each scrape, and absent while `showsStored` says no.
 */
export function createAlertingMetrics(
  registry: Registry,
  store: DeliveryStore,
  showsStored: () => boolean = () => true,
): AlertingMetrics {
  const registers = [registry];
  const counter = registerCounters(registers);
  const histogram = ({ name, help, labels }: Metric): Histogram<string> =>
    new Histogram({ name, help, labelNames: [...labels], buckets: DURATION_BUCKETS, registers });
  const duration = histogram(alertingMetrics.deliveryDuration);
  const firstTold = histogram(alertingMetrics.firstTold);
  const intakeDuration = histogram(alertingMetrics.intakeDuration);
  let configured: Configured = { sources: [], destinations: [] };
  registerStoreGauges(registers, store, () => configured, showsStored);
  let repairStatuses = (): readonly RepairStatus[] => [];
  gauge(registers, alertingMetrics.repairLastSuccess, (of) => {
    of.reset();
    for (const { source, lastSuccessAt } of repairStatuses())
      if (lastSuccessAt !== undefined) of.set({ source }, lastSuccessAt / 1000);
  });
  const ofDestination =
    (metric: Metric) =>
    (destination: string, count = 1) =>
      counter(metric).inc({ destination }, count);
  return {
    intake: {
      accepted(source, { isCopy, seconds }) {
        counter(alertingMetrics.received).inc({ source });
        if (isCopy) counter(alertingMetrics.copies).inc({ source });
        intakeDuration.observe(seconds);
      },
      rejected: (source, reason) => counter(alertingMetrics.rejected).inc({ source, reason }),
    },
    repair: { repaired: (source, state, count) => counter(alertingMetrics.repaired).inc({ source, state }, count) },
    pinged: (outcome) => counter(alertingMetrics.deadManPings).inc({ outcome }),
    showRepair: (statuses) => (repairStatuses = statuses),
    delivery: {
      delivered(destination, action, seconds) {
        counter(alertingMetrics.delivered).inc({ destination, action });
        duration.observe({ destination }, seconds);
      },
      firstTold: (destination, seconds) => firstTold.observe({ destination }, Math.max(0, seconds)),
      failed: (destination, reason) => counter(alertingMetrics.failures).inc({ destination, reason }),
      superseded: ofDestination(alertingMetrics.superseded),
      died: ofDestination(alertingMetrics.dead),
      rolledUp: ofDestination(alertingMetrics.rolledUp),
      leaseLost: ofDestination(alertingMetrics.leasesLost),
    },
    declare({ sources, destinations }) {
      configured = { sources, destinations };
      beginAtZero(counter, configured);
    },
  };
}

type CounterOf = (metric: Metric) => Counter<string>;

function registerCounters(registers: Registry[]): CounterOf {
  const counters = new Map(
    Object.values(alertingMetrics)
      .filter(({ kind }) => kind === "counter")
      .map(
        ({ name, help, labels }) => [name, new Counter({ name, help, labelNames: [...labels], registers })] as const,
      ),
  );
  return ({ name }) => {
    const found = counters.get(name);
    if (found === undefined) throw new Error(`${name} is no counter of alert delivery`);
    return found;
  };
}

/** A counter whose first value is 1 shows Prometheus no increase. */
function beginAtZero(counter: CounterOf, { sources, destinations }: Configured): void {
  for (const { name: source } of sources) {
    counter(alertingMetrics.received).inc({ source }, 0);
    counter(alertingMetrics.copies).inc({ source }, 0);
    for (const reason of Object.keys(WEBHOOK_STATUS))
      if (reason !== "unknown_source") counter(alertingMetrics.rejected).inc({ source, reason }, 0);
    for (const state of ALERT_STATES)
      if (state !== "resolved") counter(alertingMetrics.repaired).inc({ source, state }, 0);
  }
  for (const { name: destination } of destinations) {
    for (const action of ACTIONS) counter(alertingMetrics.delivered).inc({ destination, action }, 0);
    for (const reason of Object.keys(DELIVERY_REASONS))
      counter(alertingMetrics.failures).inc({ destination, reason }, 0);
    for (const metric of COUNTED_BY_DESTINATION) counter(metric).inc({ destination }, 0);
  }
}

function gauge(
  registers: Registry[],
  { name, help, labels }: Metric,
  collect: (of: Gauge<string>) => void | Promise<void>,
): void {
  const made: Gauge<string> = new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers,
    collect: () => collect(made),
  });
}

/** Metrics of the store: of what it holds, replicas that share it would all give the same. */
function registerStoreGauges(
  registers: Registry[],
  store: DeliveryStore,
  configured: () => Configured,
  showsStored: () => boolean,
): void {
  const stored = (metric: Metric, collect: (of: Gauge<string>) => Promise<void>): void =>
    gauge(registers, metric, async (of) => {
      if (showsStored()) await collect(of);
      else of.reset();
    });
  const isConfigured = (destination: string): boolean =>
    configured().destinations.some(({ name }) => name === destination);
  const counts = fresh(() => store.counts());
  const destinations = fresh(() => store.destinations());
  stored(alertingMetrics.conversations, async (of) => {
    const found = await counts();
    of.reset();
    for (const destination of new Set(found.map((one) => one.destination)))
      for (const state of CONVERSATION_STATES) of.set({ destination, state }, 0);
    for (const { destination, state, count } of found) of.inc({ destination, state }, count);
  });
  stored(alertingMetrics.oldestPending, async (of) => {
    of.reset();
    for (const { destination, state, held, oldestPendingSince } of await counts())
      if (state === "pending" && !held && isConfigured(destination)) of.set({ destination }, oldestPendingSince / 1000);
  });
  stored(alertingMetrics.broken, async (of) => {
    of.reset();
    for (const { destination, brokenReason } of await destinations())
      if (isConfigured(destination)) of.set({ destination }, brokenReason === undefined ? 0 : 1);
  });
  gauge(registers, alertingMetrics.storeWritable, (of) => {
    const isWritable = store.isWritable();
    of.reset();
    if (isWritable !== undefined) of.set(isWritable ? 1 : 0);
  });
  stored(alertingMetrics.lastHeartbeat, async (of) => {
    of.reset();
    const watched = new Set(
      configured().sources.flatMap(({ name, watchdog }) => (watchdog === undefined ? [] : [name])),
    );
    for (const [source, at] of await store.heartbeats()) if (watched.has(source)) of.set({ source }, at / 1000);
  });
}

/** Asks anew when the last answer is older than {@link COUNTS_FRESH_MS}. A failure is not kept. */
function fresh<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > COUNTS_FRESH_MS) {
      const answer = ask();
      last = { at: performance.now(), answer };
      answer.catch(() => (last = undefined));
    }
    return last.answer;
  };
}
