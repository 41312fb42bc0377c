import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { ConfigError } from "../core/errors.ts";
import type { Config } from "../config/schema.ts";
import type { PartStatus } from "./part-status.ts";
import type { ServiceMetrics } from "./service-metrics.ts";
import { FIRST_POLLS_WITHIN, type Division } from "./replicas/division.ts";
import { StatusBoard, type Publisher } from "./status-board.ts";
import { openTargets, startTargets, type RunningTargets } from "./targets.ts";

/** What a runtime is made of. */
export interface RuntimeOptions {
  /** Reads and checks the configuration anew; throws `ConfigError`. */
  readonly load: () => Promise<Config>;
  readonly publisher: Publisher;
  readonly metrics: ServiceMetrics;
  readonly log: Logger;
  /** Takes up what else a new configuration changes; called only with one that can be used. */
  readonly reloaded?: (config: Config) => Promise<void>;
  /** Divides the targets among replicas; without it all are polled here. */
  readonly division?: Division | undefined;
}

/** The service without its network side: a configuration, the polls it asks for, and what is known of them. */
export interface Runtime {
  /** The configuration in use. */
  config(): Config;
  statuses(): readonly PartStatus[];
  /** Whether every part that this replica polled first was polled once since the start. */
  isReady(): boolean;
  /** Who polls what, where replicas divide the targets. */
  readonly division: Division | undefined;
  /**
   * Loads the configuration anew. Everything that can fail is done before anything is changed: a fault throws
   * `ConfigError` and leaves the former configuration running.
   */
  reload(): Promise<void>;
  /** Ends every poll and lets go of every target. */
  stop(): Promise<void>;
}

interface InUse {
  readonly config: Config;
  readonly targets: RunningTargets;
}

/** Loads the configuration and begins to poll. Throws `ConfigError`. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { load, publisher, metrics, log, reloaded, division } = options;
  const board = new StatusBoard(publisher, log);
  let isReady = false;
  let isStopped = false;

  const apply = async (former?: RunningTargets): Promise<InUse> => {
    const config = await load();
    const ready = await openTargets(config.targets, config.file);
    await former?.stop();
    await board.replace(config.targets, { showsNew: division === undefined });
    metrics.reloaded(true);
    const polling = {
      board,
      log,
      ...(division && { mayPoll: () => division.isMember(), firstWithin: FIRST_POLLS_WITHIN }),
    };
    const targets = startTargets(ready, polling);
    await (division === undefined ? targets.poll(() => true) : division.use(config.targets, targets));
    return { config, targets };
  };

  let inUse = await apply();
  const started = fixedParts(inUse.config);
  const firstShare = division?.settled ?? Promise.resolve();
  void firstShare.then(() => inUse.targets.polledOnce()).then(() => (isReady = true));

  let queue: Promise<void> = Promise.resolve();
  const reload = (): Promise<void> => {
    const attempt = queue.then(async () => {
      if (isStopped) return;
      const former = inUse;
      try {
        inUse = await apply(inUse.targets);
        const { file, targets } = inUse.config;
        warnOfFixedParts(inUse.config, started, log);
        await reloaded?.(inUse.config);
        log.info({ file, targets: targets.length }, "configuration reloaded");
      } catch (thrown) {
        metrics.reloaded(false);
        const faults = thrown instanceof ConfigError ? thrown.message : String(thrown);
        log.error(`the configuration ${inUse === former ? NOT_RELOADED : RELOADED_IN_PART}:\n${faults}`);
        throw thrown;
      }
    });
    queue = attempt.catch(() => undefined);
    return attempt;
  };

  return {
    config: () => inUse.config,
    statuses: () => board.statuses(),
    isReady: () => isReady,
    division,
    reload,
    async stop() {
      isStopped = true;
      await queue;
      await division?.stop();
      await inUse.targets.stop();
    },
  };
}

const NOT_RELOADED = "was not reloaded, the former one stays in use";
const RELOADED_IN_PART =
  "was reloaded only in part: targets are polled by the new one, and of the rest some stayed as it was";

function warnOfFixedParts(config: Config, started: ReturnType<typeof fixedParts>, log: Logger): void {
  const changed = Object.entries(fixedParts(config)).flatMap(([name, part]) =>
    isDeepStrictEqual(part, started[name]) ? [] : [name],
  );
  const { file } = config;
  if (changed.length > 0) log.warn({ file, changed }, "changes of these sections count only after a restart");
}

/** What a running service can not change; secrets count by their printed form. */
function fixedParts({
  server,
  log,
  store,
  tracing,
  alerting,
  evidence,
  prometheus,
  slo,
}: Config): Readonly<Record<string, unknown>> {
  return {
    server,
    log,
    store: JSON.stringify(store),
    tracing: JSON.stringify(tracing),
    alerting: alerting !== undefined,
    evidence: evidence !== undefined,
    prometheus: prometheus !== undefined,
    slo: slo !== undefined,
  };
}
