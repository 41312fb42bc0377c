import type { Registry } from "prom-client";
import type { Logger } from "pino";
import { startEvidenceWorker, type EvidenceWorker } from "../../alerting/evidence/evidence-worker.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { Store } from "../../core/store.ts";
import type { EvidenceBoard } from "./board.ts";
import { evidenceOf } from "./lines.ts";
import { createEvidenceMetrics } from "./metrics.ts";

/** What messages are enriched with. */
export interface EnrichmentOptions {
  readonly evidence: EvidenceBoard;
  readonly store: Store;
  /** The settings in use. */
  readonly settings: () => EvidenceConfig | undefined;
  /** Something may be due at these destinations. */
  readonly wake: (destinations: readonly string[]) => void;
  readonly registry: Registry;
  readonly log: Logger;
}

/** Looks by itself for the evidence of groups of alerts, so that their messages tell it. */
export interface Enrichment {
  /** Groups may have changed. */
  wake(): void;
  /** Lets settings be changed while nothing is looked for, and goes on with those that are in use then. */
  pauseFor(change: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts to enrich messages. */
export function startEnrichment(options: EnrichmentOptions): Enrichment {
  const { evidence, store, settings, wake, registry, log } = options;
  let worker: EvidenceWorker | undefined;
  const observer = createEvidenceMetrics(registry, () => worker?.waiting());
  const start = (): EvidenceWorker | undefined => {
    const config = settings();
    return (
      config &&
      startEvidenceWorker({
        store,
        perMinute: config.enrichPerMinute,
        after: config.after,
        onChanged: wake,
        observer,
        log,
        gather: async (group, signal) => {
          const bundle = await evidence.aboutGroup(group, signal);
          return bundle && evidenceOf(bundle);
        },
      })
    );
  };
  worker = start();
  return {
    wake: () => worker?.wake(),
    async pauseFor(change) {
      await worker?.stop();
      try {
        await change();
      } finally {
        worker = start();
      }
    },
    stop: async () => worker?.stop(),
  };
}
