import { createHash } from "node:crypto";
import { isOpen, STORM_ROUTE, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { DeliveryStore, StormLine } from "../../core/delivery-store.ts";
import type { MessageSeverity } from "../../core/message.ts";
import { MESSAGE_SEVERITIES } from "../../core/message.ts";
import type { DeliveryObserver } from "./observer.ts";

/** What the keeper of storms works with. */
export interface StormOptions {
  readonly store: DeliveryStore;
  /** New conversations of a destination in a minute above which a storm begins. */
  readonly newPerMinute: number;
  /** Ids of the routes that tell nothing new at a moment, in Unix milliseconds. */
  readonly quietRoutes: (now: number) => readonly string[];
  readonly observer: DeliveryObserver;
}

const MINUTE_MS = 60_000;
/** A destination is counted this often at most. */
const CHECK_EVERY_MS = 500;
/** What begins within this time of a storm's beginning is told by the same summary. */
const SAME_STORM_MS = 60 * MINUTE_MS;
/** What stays rolled up for so long without a summary that tells of it is told by itself. */
const STRAY_MS = 30_000;
const MOST_LINES = 30;

/** Sums up what would flood a destination. A storm is a group of its own, told and edited as every other. */
export class StormKeeper {
  readonly #options: StormOptions;
  readonly #checkedAt = new Map<string, number>();

  constructor(options: StormOptions) {
    this.#options = options;
  }

  /** Rolls up what waits at a destination when too much began there within a minute. */
  async check(destination: string): Promise<void> {
    const { store, newPerMinute, quietRoutes, observer } = this.#options;
    const at = performance.now();
    if (at - (this.#checkedAt.get(destination) ?? Number.NEGATIVE_INFINITY) < CHECK_EVERY_MS) return;
    this.#checkedAt.set(destination, at);
    const now = await store.now();
    const quiet = quietRoutes(now);
    if ((await store.countBegun(destination, now - MINUTE_MS, quiet)) <= newPerMinute) return;
    const running = (await this.#open()).find(
      ({ labels, createdAt }) => labels["destination"] === destination && now - createdAt < SAME_STORM_MS,
    );
    const id = running?.id ?? stormId(destination, now);
    const count = await store.rollUp(destination, id, quiet);
    if (count === 0) return;
    observer.rolledUp(destination, count);
    // the next ones are in the summary a few seconds later: one edit tells of many
    if (running === undefined) await this.#tell(id, destination);
  }

  /** Brings the summaries of all storms up to date; to be called every few seconds. */
  async keep(): Promise<void> {
    await this.#options.store.releaseStrays(STRAY_MS);
    for (const { id, labels } of await this.#open()) await this.#tell(id, labels["destination"] ?? "");
  }

  async #open(): Promise<readonly AlertGroup[]> {
    const groups = await this.#options.store.groups({ source: STORM_SOURCE, openOnly: true, limit: 1_000 });
    return groups.filter(({ route }) => route === STORM_ROUTE);
  }

  async #tell(id: string, destination: string): Promise<void> {
    const { store } = this.#options;
    const lines = await store.stormLines(id);
    const isOver = lines.every(({ open }) => open === 0) && (await store.endStorm(id));
    const now = await store.now();
    await store.changeGroups([
      {
        changes: [
          {
            groupId: id,
            destinations: [destination],
            // another replica may have ended it since this one looked
            apply: (current) =>
              current !== undefined && !isOpen(current)
                ? current
                : summarise(current ?? emptyStorm(id, destination, now), lines, isOver, now),
            priority: () => Math.min(...lines.map(({ worstPriority }) => worstPriority), 3),
          },
        ],
      },
    ]);
  }
}

/** Source of the groups that Watchkeeper makes by itself. */
const STORM_SOURCE = "watchkeeper";

const stormId = (destination: string, now: number): string =>
  createHash("sha256").update(`storm\n${destination}\n${now}`).digest("hex");

const emptyStorm = (id: string, destination: string, now: number): AlertGroup => ({
  id,
  kind: "internal",
  source: STORM_SOURCE,
  route: STORM_ROUTE,
  receiver: "",
  groupKey: `storm/${destination}/${now}`,
  labels: { destination },
  alerts: [],
  truncated: {},
  revision: 0,
  createdAt: now,
  updatedAt: now,
});

/** The storm as it is now: an alert for each name, with how many groups of it there are and how many still fire. */
function summarise(storm: AlertGroup, lines: readonly StormLine[], isOver: boolean, now: number): AlertGroup {
  const known = new Map(storm.alerts.map((alert) => [alert.fingerprint, alert]));
  const worst = lines.toSorted((a, b) => b.open - a.open || b.groups - a.groups || (a.name < b.name ? -1 : 1));
  const shown = worst.slice(0, MOST_LINES);
  const alerts = [...shown, ...restOf(worst.slice(MOST_LINES))].map((line) =>
    alertOf(line, known.get(line.name), isOver, now, storm.createdAt),
  );
  const isSame =
    alerts.length === storm.alerts.length && alerts.every((alert) => alert === known.get(alert.fingerprint));
  return isSame ? storm : { ...storm, alerts, revision: storm.revision + 1, updatedAt: now };
}

function restOf(lines: readonly StormLine[]): readonly StormLine[] {
  if (lines.length === 0) return [];
  const sum = (pick: (line: StormLine) => number): number => lines.reduce((total, line) => total + pick(line), 0);
  const name = "other alerts";
  const worstPriority = Math.min(...lines.map((line) => line.worstPriority));
  return [{ name, groups: sum(({ groups }) => groups), open: sum(({ open }) => open), worstPriority }];
}

function alertOf(
  line: StormLine,
  known: GroupAlert | undefined,
  isOver: boolean,
  now: number,
  startsAt: number,
): GroupAlert {
  const isFiring = line.open > 0 && !isOver;
  const summary = isFiring
    ? `${line.name}: ${line.open} of ${line.groups} still fire`
    : `${line.name}: all ${line.groups} are over`;
  if (known?.annotations["summary"] === summary) return known;
  return {
    fingerprint: line.name,
    state: isFiring ? "firing" : "resolved",
    labels: { alertname: line.name, severity: severityOfPriority(line.worstPriority) },
    annotations: { summary, groups: String(line.groups), open: String(line.open) },
    startsAt,
    ...(!isFiring && { endsAt: now, closedAt: now }),
    links: {},
    origin: "storm",
    seenAt: now,
  };
}

const severityOfPriority = (priority: number): MessageSeverity => MESSAGE_SEVERITIES[priority] ?? "info";
