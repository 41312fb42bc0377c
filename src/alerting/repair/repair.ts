import type { Logger } from "pino";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { DeliveryStore, GroupChange } from "../../core/delivery-store.ts";
import { milliseconds, minutes, seconds, type Duration } from "../../core/duration.ts";
import { repeat, type Repetition } from "../../lib/repeat.ts";
import { pagedGroups } from "./paged-groups.ts";
import type { Graces } from "./reconcile.ts";
import { Reconciler, type RepairStatus } from "./reconciler.ts";
import { reroute } from "./reroute.ts";
import { routesById } from "../routing/routes-by-id.ts";
import { saveRepairs, type RepairSink } from "./save-repairs.ts";

/** What repair runs on. */
export interface RepairOptions extends RepairSink {
  readonly config: AlertingConfig;
  readonly log: Logger;
  /** Takes the place of some of the usual graces; for tests. */
  readonly graces?: Partial<Graces>;
}

/** Repair that goes on by itself. */
export interface Repair {
  /** One for each source whose Alertmanager is asked. */
  statuses(): readonly RepairStatus[];
  stop(): Promise<void>;
}

const FIRST_AFTER = seconds(5);

/**
 * Brings open groups in line with the configuration's routes, once, and with each source's Alertmanager again and
 * again: closes what no notification will close, and opens what none will open again.
 */
export function startRepair(options: RepairOptions): Repair {
  const { config, graces } = options;
  const reconcilers = config.sources.flatMap(({ name: source, alertmanager: api }) =>
    api === undefined
      ? []
      : [{ api, reconciler: new Reconciler({ ...options, source, api, graces: gracesOf(api.every, graces) }) }],
  );
  const running = [
    startRerouting(options),
    ...reconcilers.map(({ api: { every }, reconciler }) =>
      repeat({ every, after: milliseconds(Math.min(every, FIRST_AFTER)), run: (signal) => reconciler.run(signal) }),
    ),
  ];
  return {
    statuses: () => reconcilers.map(({ reconciler }) => reconciler.status),
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

function gracesOf(every: Duration, graces: Partial<Graces> = {}): Graces {
  return { fresh: 2 * every, resolved: minutes(2), uptime: minutes(5), flush: minutes(1), ...graces };
}

/** Tries until it has succeeded once. */
function startRerouting({ config, log, ...sink }: RepairOptions): Pick<Repetition, "stop"> {
  let isDone = false;
  return repeat({
    every: minutes(1),
    after: milliseconds(0),
    run: async (signal) => {
      if (isDone) return;
      try {
        await rerouteAll(sink, config, signal);
        isDone = true;
      } catch (thrown) {
        if (!signal.aborted) log.warn({ err: thrown }, "open alerts could not be brought in line with the routes");
      }
    },
  });
}

async function rerouteAll(sink: RepairSink, config: AlertingConfig, signal: AbortSignal): Promise<void> {
  const routes = routesById(config.route);
  for await (const page of pagedGroups(sink.store, { openOnly: true })) {
    signal.throwIfAborted();
    for (const [source, groups] of Map.groupBy(page, (group) => group.source)) {
      const now = await sink.store.now();
      const changes: GroupChange[] = [];
      for (const group of groups)
        changes.push(...reroute(group, { ...config, routes, told: await toldOf(sink.store, group), now }));
      await saveRepairs(sink, source, changes);
    }
  }
}

/** Far more than a group has. */
const MOST_DESTINATIONS = 1_000;

async function toldOf(store: DeliveryStore, { id }: AlertGroup): Promise<ReadonlySet<string>> {
  const views = await store.list({ groupId: id, limit: MOST_DESTINATIONS });
  return new Set(views.map(({ conversation }) => conversation.destination));
}
