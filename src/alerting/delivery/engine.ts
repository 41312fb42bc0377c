import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { StoreUnavailable, type DeliveryStore } from "../../core/delivery-store.ts";
import { milliseconds } from "../../core/duration.ts";
import type { Destination, Notifier } from "../../core/notifier.ts";
import { repeat } from "../../lib/repeat.ts";
import { heldUntil } from "../routing/held-until.ts";
import { routesById } from "../routing/routes-by-id.ts";
import type { DeliveryObserver } from "./observer.ts";
import { StormKeeper } from "./storm.ts";
import { startWorker, type Worker } from "./worker.ts";

/** What deliveries run on. */
export interface DeliveryOptions {
  readonly store: DeliveryStore;
  readonly config: AlertingConfig;
  readonly externalUrl: string;
  readonly observer: DeliveryObserver;
  readonly log: Logger;
}

/** Deliveries that go on by themselves. */
export interface Delivery {
  /** Something may be due at these destinations. */
  wake(destinations: readonly string[]): void;
  /** Whether every worker's loop turns. */
  turns(): boolean;
  /** Begins no delivery any more, and lets those under way end for ten seconds. */
  stop(): Promise<void>;
}

const GRACE_MS = 10_000;
const STORM_EVERY_MS = 5_000;

/** Starts a worker for each destination. What a former process left behind is taken up at once. */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { store, config, externalUrl, observer, log } = options;
  const owner = randomUUID();
  await recover(store, owner, log);
  const notifiers = new NotifierPool(config.destinations, externalUrl, log);
  const routes = routesById(config.route);
  const isHeldUntil = (id: string, now: number): number | undefined => {
    const route = routes.get(id);
    return route && heldUntil(route, config.timeIntervals, new Date(now))?.getTime();
  };
  const storms = new StormKeeper({
    store,
    newPerMinute: config.storm.newPerMinute,
    quietRoutes: (now) => [...routes.keys()].filter((id) => isHeldUntil(id, now) !== undefined),
    observer,
  });
  const workers = new Map<string, Worker>(
    config.destinations.map((destination) => [
      destination.name,
      startWorker(destination, {
        store,
        owner,
        externalUrl,
        observer,
        log,
        notifierOf: (name) => notifiers.get(name),
        heldUntil: isHeldUntil,
        beforeClaim: ({ name }) => storms.check(name),
      }),
    ]),
  );
  const keeping = repeat({
    every: milliseconds(STORM_EVERY_MS),
    after: milliseconds(STORM_EVERY_MS),
    run: () => storms.keep(),
  });
  const wake = (names: readonly string[]): void => names.forEach((name) => workers.get(name)?.wake());
  const endHints = store.onHint(wake);
  return {
    wake,
    turns: () => [...workers.values()].every((worker) => worker.turns()),
    async stop() {
      endHints();
      await keeping.stop();
      await Promise.all([...workers.values()].map((worker) => worker.stop(GRACE_MS)));
      await notifiers.close();
    },
  };
}

/** A store that can not be had at this moment keeps nothing from beginning: former leases run out by themselves. */
async function recover(store: DeliveryStore, owner: string, log: Logger): Promise<void> {
  try {
    await store.recover(owner);
  } catch (thrown) {
    if (!(thrown instanceof StoreUnavailable)) throw thrown;
    log.warn(`what a former process left behind is taken up some minutes later: ${thrown.message}`);
  }
}

/**
 * Opens each destination at its first delivery, so that one whose files can not be read costs only its own messages.
 */
class NotifierPool {
  readonly #destinations: ReadonlyMap<string, Destination>;
  readonly #externalUrl: string;
  readonly #log: Logger;
  readonly #open = new Map<string, Promise<Notifier>>();

  constructor(destinations: readonly Destination[], externalUrl: string, log: Logger) {
    this.#destinations = new Map(destinations.map((destination) => [destination.name, destination]));
    this.#externalUrl = externalUrl;
    this.#log = log;
  }

  /** Throws `DeliveryError`. What failed is tried anew the next time. */
  get(name: string): Promise<Notifier> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const opening = this.#openOne(name);
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values());
    await Promise.all(
      opened.map(async (one) => {
        if (one.status === "fulfilled")
          await one.value
            .close()
            .catch((thrown: unknown) => this.#log.debug({ err: thrown }, "a destination did not close"));
      }),
    );
  }

  async #openOne(name: string): Promise<Notifier> {
    const destination = this.#destinations.get(name);
    if (destination === undefined) throw new DeliveryError("internal", `there is no destination named ${name}`);
    return destination.open({ externalUrl: this.#externalUrl });
  }
}
