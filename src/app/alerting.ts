import type { Registry } from "prom-client";
import type { Logger } from "pino";
import { startDelivery, type Delivery } from "../alerting/delivery/engine.ts";
import { createIntake } from "../alerting/intake/intake.ts";
import { createWebhookReceiver } from "../alerting/intake/webhook-receiver.ts";
import { startDeadMan } from "../alerting/repair/dead-man.ts";
import { startOwnAlerts } from "../alerting/repair/own-alerts.ts";
import { startRepair } from "../alerting/repair/repair.ts";
import type { AlertingConfig } from "../core/alerting-config.ts";
import { StoreUnavailable, type DeliveryStore } from "../core/delivery-store.ts";
import { hours, minutes, seconds } from "../core/duration.ts";
import type { WebhookReceiver } from "../core/webhook-receiver.ts";
import { repeat } from "../lib/repeat.ts";
import { createAlertingMetrics, type AlertingMetrics } from "./alerting-metrics.ts";
import type { DeliverySource } from "./deliveries/read-deliveries.ts";

/** What alert delivery runs on. */
export interface AlertingOptions {
  readonly store: DeliveryStore;
  readonly config: AlertingConfig;
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
  readonly registry: Registry;
  readonly log: Logger;
  /**
   * Whether this process gives the metrics of what the store holds, which every replica on it could give; always unless
   * given.
   */
  readonly showsStored?: () => boolean;
  /** Called when a notification was taken. */
  readonly onAccepted?: () => void;
}

/** Alerts that are taken and delivered. */
export interface Alerting {
  readonly receiver: WebhookReceiver;
  /** Something may be due at these destinations. */
  wake(destinations: readonly string[]): void;
  /** What pages and answers of the API are read from. */
  source(): DeliverySource;
  /** Whether the last write to the store succeeded; undefined before the first one. */
  isWritable(): boolean | undefined;
  /** Takes up the section `alerting` of a new configuration. */
  replace(config: AlertingConfig, externalUrl: string): Promise<void>;
  /** Takes nothing more, and lets deliveries under way end. The store stays open. */
  stop(): Promise<void>;
}

/** Everything that goes on by itself under one configuration. */
interface Running {
  readonly config: AlertingConfig;
  readonly externalUrl: string;
  readonly delivery: Delivery;
  stop(): Promise<void>;
}

/** Starts to deliver, and to take alerts by the receiver. */
export async function startAlerting({ store, registry, log, ...first }: AlertingOptions): Promise<Alerting> {
  const metrics = createAlertingMetrics(registry, store, first.showsStored);
  let current = await run(first.config, first.externalUrl, store, metrics, log);
  const intake = createIntake({
    store,
    config: () => current.config,
    onAccepted: (destinations) => {
      current.delivery.wake(destinations);
      first.onAccepted?.();
    },
  });
  return {
    receiver: createWebhookReceiver({ sources: () => current.config.sources, intake, observer: metrics.intake, log }),
    wake: (destinations) => current.delivery.wake(destinations),
    isWritable: () => store.isWritable(),
    source: () => ({ store, alerting: current.config, externalUrl: current.externalUrl }),
    async replace(config, externalUrl) {
      await current.stop();
      current = await run(config, externalUrl, store, metrics, log);
    },
    async stop() {
      await intake.close();
      await current.stop();
    },
  };
}

async function run(
  config: AlertingConfig,
  externalUrl: string,
  store: DeliveryStore,
  metrics: AlertingMetrics,
  log: Logger,
): Promise<Running> {
  metrics.declare(config);
  const delivery = await startDelivery({ store, config, externalUrl, observer: metrics.delivery, log });
  const onChanged = (destinations: readonly string[]): void => delivery.wake(destinations);
  const repair = startRepair({ store, config, observer: metrics.repair, onChanged, log });
  metrics.showRepair(() => repair.statuses());
  const parts = [
    startOwnAlerts({ store, config, externalUrl, onChanged, log }),
    repair,
    startPruning(store, config, log),
    startProbing(store),
    ...(config.deadMan === undefined
      ? []
      : [
          startDeadMan({
            config: config.deadMan,
            isWell: () => store.isWritable() !== false && delivery.turns(),
            pinged: metrics.pinged,
            log,
          }),
        ]),
  ];
  return {
    config,
    externalUrl,
    delivery,
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
      await delivery.stop();
    },
  };
}

/** Finds out whether a store that failed can be written again, also while nothing arrives that would. */
function startProbing(store: DeliveryStore): { stop(): Promise<void> } {
  return repeat({
    every: seconds(15),
    after: seconds(15),
    run: async () => {
      if (store.isWritable() === false) await store.changeGroups([{ changes: [] }]);
    },
  });
}

/** Deletes what is older than it is kept, now and then. */
function startPruning(
  store: DeliveryStore,
  { retention, destinations }: AlertingConfig,
  log: Logger,
): { stop(): Promise<void> } {
  return repeat({
    every: hours(1),
    after: minutes(1),
    run: async () => {
      try {
        await store.exclusively("prune", async () => {
          const now = await store.now();
          const rows = await store.prune({
            inboundBefore: now - retention.journal,
            closedBefore: now - retention.groups,
            destinations: destinations.map(({ name }) => name),
          });
          log.debug({ rows }, "what was kept for long enough is deleted");
        });
      } catch (thrown) {
        if (!(thrown instanceof StoreUnavailable)) log.error({ err: thrown }, "old deliveries could not be deleted");
      }
    },
  });
}
