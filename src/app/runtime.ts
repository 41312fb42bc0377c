import type { Logger } from "pino";
import { ConfigError } from "../core/errors.ts";
import type { Config } from "../config/schema.ts";
import type { PartStatus } from "./part-status.ts";
import type { ProcessMetrics } from "./process-metrics.ts";
import { StatusBoard, type Publisher } from "./status-board.ts";
import { openTargets, startTargets, type RunningTargets } from "./targets.ts";

/** What a runtime is made of. */
export interface RuntimeOptions {
  /** Reads and checks the configuration anew; throws `ConfigError`. */
  readonly load: () => Promise<Config>;
  readonly publisher: Publisher;
  readonly metrics: ProcessMetrics;
  readonly log: Logger;
}

/** The service without its network side: a configuration, the polls it asks for, and what is known of them. */
export interface Runtime {
  /** The configuration in use. */
  config(): Config;
  statuses(): readonly PartStatus[];
  /** Whether every part was polled once since the start. */
  isReady(): boolean;
  /**
   * Loads the configuration anew. Everything that can fail is done before anything is changed: a fault throws
   * `ConfigError` and leaves the former configuration running.
   */
  reload(): Promise<void>;
  /** Ends every poll and lets go of every target. */
  stop(): Promise<void>;
}

/** Loads the configuration and begins to poll. Throws `ConfigError`. */
export async function startRuntime({ load, publisher, metrics, log }: RuntimeOptions): Promise<Runtime> {
  const board = new StatusBoard(publisher, log);
  let config: Config;
  let running: RunningTargets | undefined;
  let isReady = false;
  let isStopped = false;

  const apply = async (): Promise<void> => {
    const next = await load();
    const ready = await openTargets(next.targets, next.file);
    await running?.stop();
    await board.replace(next.targets);
    config = next;
    running = startTargets(ready, board, log);
    metrics.reloaded(true);
  };

  await apply();
  void running!.polledOnce.then(() => (isReady = true));

  let queue: Promise<void> = Promise.resolve();
  const reload = (): Promise<void> => {
    const attempt = queue.then(async () => {
      if (isStopped) return;
      try {
        await apply();
        log.info({ file: config.file, targets: config.targets.length }, "configuration reloaded");
      } catch (thrown) {
        metrics.reloaded(false);
        const faults = thrown instanceof ConfigError ? thrown.message : String(thrown);
        log.error(`the configuration was not reloaded, the former one stays in use:\n${faults}`);
        throw thrown;
      }
    });
    queue = attempt.catch(() => undefined);
    return attempt;
  };

  return {
    config: () => config,
    statuses: () => board.statuses(),
    isReady: () => isReady,
    reload,
    async stop() {
      isStopped = true;
      await queue;
      await running?.stop();
    },
  };
}
