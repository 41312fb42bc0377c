import type { Logger } from "pino";
import { STORM_ROUTE } from "../../core/alert-group.ts";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { milliseconds, seconds, type Duration } from "../../core/duration.ts";
import { repeat } from "../../lib/repeat.ts";
import { ownConditions } from "./own-conditions.ts";
import { end, OWN_SOURCE, ownGroupId, raise } from "./own-groups.ts";
import { SourceWatcher, type SourceWatch } from "./watchdog.ts";

/** What Watchkeeper's alerts about itself run on. */
export interface OwnAlertsOptions {
  readonly store: DeliveryStore;
  readonly config: AlertingConfig;
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
  /** These destinations have something to be told now. */
  onChanged(destinations: readonly string[]): void;
  readonly log: Logger;
  /** Half a minute unless a test wants another. */
  readonly every?: Duration;
}

/** Watchkeeper's alerts about itself, which go on by themselves. */
export interface OwnAlerts {
  /** What is known of the sources that are expected to give signs of life, by the newest check. */
  watches(): readonly SourceWatch[];
  stop(): Promise<void>;
}

/** More of them than any configuration has; the others would be ended at the next check. */
const MOST_GROUPS = 1_000;
const FIRST_AFTER = seconds(1);

/** Raises and ends alerts about silent sources, broken destinations and dead letters. */
export function startOwnAlerts(options: OwnAlertsOptions): OwnAlerts {
  const { store, config, log, every = seconds(30) } = options;
  const watcher = new SourceWatcher(config.sources);
  let watches: readonly SourceWatch[] = [];
  let isFirst = true;
  let failed = false;
  const checking = repeat({
    every,
    after: milliseconds(Math.min(every, FIRST_AFTER)),
    run: async () => {
      try {
        watches = watcher.check(await store.heartbeats(), await store.now(), performance.now());
        const isTold = await store.exclusively("own-alerts", () => tell(options, watches, isFirst));
        isFirst &&= !isTold;
        failed = false;
      } catch (thrown) {
        if (!failed) log.warn({ err: thrown }, "Watchkeeper's alerts about itself could not be brought up to date");
        failed = true;
      }
    },
  });
  return { watches: () => watches, stop: () => checking.stop() };
}

async function tell(options: OwnAlertsOptions, watches: readonly SourceWatch[], isFirst: boolean): Promise<void> {
  const { store, config, externalUrl, onChanged } = options;
  const now = await store.now();
  const [states, counts] = await Promise.all([store.destinations(), store.counts()]);
  const destinations = config.destinations.map(({ name }) => name);
  const conditions = ownConditions({ watches, destinations, states, counts, now });
  const open = await store.groups({ source: OWN_SOURCE, openOnly: true, limit: MOST_GROUPS });
  const kept = new Set(conditions.map((condition) => ownGroupId(condition)));
  const context = { config, externalUrl, now, isFirst };
  const changes = [
    ...conditions.filter(({ state }) => state === "firing").map((condition) => raise(condition, context)),
    ...open.filter(({ id, route }) => route !== STORM_ROUTE && !kept.has(id)).map((group) => end(group, context)),
  ];
  if (changes.length === 0) return;
  const [result] = await store.changeGroups([{ changes }]);
  if (result !== undefined && result.destinations.length > 0) onChanged(result.destinations);
}
