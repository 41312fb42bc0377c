import type { Registry } from "prom-client";
import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import { StoreUnavailable, StoreUnusable } from "../core/delivery-store.ts";
import { hours, minutes } from "../core/duration.ts";
import { ConfigError } from "../core/errors.ts";
import type { Pack } from "../core/pack.ts";
import type { Store } from "../core/store.ts";
import { repeat } from "../lib/repeat.ts";
import { startAlerting, type Alerting } from "./alerting.ts";
import { startEvidenceBoard, type BoardOptions, type EvidenceBoard } from "./evidence/board.ts";
import { startEnrichment, type Enrichment } from "./evidence/enrichment.ts";
import { openStore } from "./open-store.ts";
import { createDivision, type Division } from "./replicas/division.ts";

/**
 * What of a service needs the store: alerts, evidence, and sharing targets with replicas. Absent is what is not
 * configured.
 */
export interface StoredFeatures {
  /** With PostgreSQL; it joins when the polls begin. */
  readonly division: Division | undefined;
  readonly alerting: Alerting | undefined;
  readonly evidence: EvidenceBoard | undefined;
  /** Takes up a new configuration; what was not configured at the start begins only after a restart. */
  replace(config: Config): Promise<void>;
  /** Ends what goes on, and closes the store. */
  stop(): Promise<void>;
}

const WITHOUT_STORE: StoredFeatures = {
  division: undefined,
  alerting: undefined,
  evidence: undefined,
  replace: async () => undefined,
  stop: async () => undefined,
};

/** Stands among the targets for the metrics of what the store holds, which every replica could give and one has to. */
const STORED_METRICS = "watchkeeper/stored-metrics";

/** What the features run on. */
export interface FeatureOptions {
  readonly packs: readonly Pack[];
  readonly registry: Registry;
  readonly log: Logger;
}

/**
 * Opens the store when something needs it, and starts that. Throws `ConfigError`, and `CollectError` for evidence's
 * files.
 */
export async function startStoredFeatures(config: Config, options: FeatureOptions): Promise<StoredFeatures> {
  const { alerting, evidence, store: where } = config;
  if (alerting === undefined && evidence === undefined && where.type !== "postgres") return WITHOUT_STORE;
  const store = await openConfigured(config);
  const stops: (() => Promise<void>)[] = [() => store.close()];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    return await startOn(config, store, { ...options, stops, stop });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function openConfigured({ store, file }: Config): Promise<Store> {
  try {
    return await openStore(store);
  } catch (thrown) {
    if (!(thrown instanceof StoreUnusable || thrown instanceof StoreUnavailable)) throw thrown;
    throw new ConfigError([{ file, path: "store", message: thrown.message }]);
  }
}

interface Starting extends FeatureOptions {
  readonly stops: (() => Promise<void>)[];
  stop(): Promise<void>;
}

async function startOn(
  first: Config,
  store: Store,
  { packs, registry, log, stops, stop }: Starting,
): Promise<StoredFeatures> {
  let config = first;
  let enrichment: Enrichment | undefined;
  const division =
    config.store.type === "postgres"
      ? createDivision({ store, registry, log, alsoDivided: config.alerting === undefined ? [] : [STORED_METRICS] })
      : undefined;
  const options = boardOptions(config, store, packs);
  const evidence = options && (await startEvidenceBoard(options));
  if (evidence !== undefined) {
    stops.push(() => evidence.stop());
    const pruning = startPruning(store, () => config, log);
    stops.push(() => pruning.stop());
  }
  const alerting =
    config.alerting &&
    (await startAlerting({
      store,
      config: config.alerting,
      externalUrl: config.server.external_url,
      registry,
      log,
      showsStored: () => division?.has(STORED_METRICS) ?? true,
      onAccepted: () => enrichment?.wake(),
    }));
  if (alerting !== undefined) stops.push(() => alerting.stop());
  if (alerting !== undefined && evidence !== undefined) {
    const wake = (destinations: readonly string[]): void => alerting.wake(destinations);
    const enriching = startEnrichment({ evidence, store, settings: () => config.evidence, wake, registry, log });
    enrichment = enriching;
    stops.push(() => enriching.stop());
  }
  return {
    division,
    alerting,
    evidence,
    async replace(next) {
      const change = async (): Promise<void> => {
        // alerts have to be told, whatever is the matter with evidence
        if (next.alerting !== undefined) await alerting?.replace(next.alerting, next.server.external_url);
        const nextOptions = boardOptions(next, store, packs);
        if (nextOptions !== undefined) await evidence?.replace(nextOptions);
        config = next;
      };
      await (enrichment === undefined ? change() : enrichment.pauseFor(change));
    },
    stop,
  };
}

const boardOptions = (config: Config, store: Store, packs: readonly Pack[]): BoardOptions | undefined =>
  config.evidence && {
    evidence: config.evidence,
    prometheus: config.evidence.prometheus ?? config.prometheus,
    externalUrl: config.server.external_url,
    relations: packs.flatMap(({ relations = [] }) => relations),
    inhibitions: packs.flatMap(({ inhibitions = [] }) => inhibitions),
    store,
  };

/** Deletes evidence that is older than it is kept, now and then. */
function startPruning(store: Store, config: () => Config, log: Logger): { stop(): Promise<void> } {
  return repeat({
    every: hours(1),
    after: minutes(2),
    run: async () => {
      const { evidence } = config();
      if (evidence === undefined) return;
      try {
        const rows = await store.pruneEvidence((await store.now()) - evidence.retention);
        log.debug({ rows }, "evidence that was kept for long enough is deleted");
      } catch (thrown) {
        if (!(thrown instanceof StoreUnavailable)) log.error({ err: thrown }, "old evidence could not be deleted");
      }
    },
  });
}
