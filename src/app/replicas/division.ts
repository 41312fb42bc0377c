import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Registry } from "prom-client";
import type { Logger } from "pino";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import { seconds } from "../../core/duration.ts";
import type { Target } from "../../core/pack.ts";
import type { ReplicaStore } from "../../core/replica-store.ts";
import { targetKey } from "../target-key.ts";
import type { RunningTargets } from "../targets.ts";
import { Membership, type MembershipObserver } from "./membership.ts";
import { createReplicaMetrics } from "./replica-metrics.ts";
import { reportReplicas, type ReplicaReport } from "./report.ts";
import { knowledgeOf, type Knowledge } from "./shares.ts";

/** First polls of targets that are taken over begin within this time. */
export const FIRST_POLLS_WITHIN = seconds(5);

/** What the targets are divided by. */
export interface DivisionOptions {
  readonly store: ReplicaStore;
  readonly registry: Registry;
  readonly log: Logger;
  /** Keys of what is divided besides targets: things that one replica has to do. */
  readonly alsoDivided: readonly string[];
}

/** The targets of this replica's configuration, of which it polls its share. */
export interface Division {
  /** Takes up the targets of a new configuration, and joins with those of the first. */
  use(targets: readonly Target[], running: RunningTargets): Promise<void>;
  /**
   * Whether this replica polls at all now. What was shown of targets that it can not be sure of any more is hidden
   * then.
   */
  isMember(): boolean;
  /** Whether the target or other thing of this key is this replica's. */
  has(key: string): boolean;
  /** Settles when the replica has had its first share. */
  readonly settled: Promise<void>;
  report(): Promise<ReplicaReport>;
  /** Ends polls and leaves the targets to the others. */
  stop(): Promise<void>;
}

/** Makes this process one of the replicas that divide the targets; it joins when it gets its first configuration. */
export function createDivision({ store, registry, log, alsoDivided }: DivisionOptions): Division {
  const others = new Set(alsoDivided);
  const id = `${hostname()}-${randomBytes(4).toString("hex")}`;
  let running: RunningTargets | undefined;
  let configured: ReadonlySet<string> = new Set();
  let knowledge: Knowledge = knowledgeOf([]);
  const polled = (held: ReadonlySet<string>): number => [...held].filter((key) => configured.has(key)).length;
  const poll = async (held: ReadonlySet<string>): Promise<void> =>
    running?.poll((target) => held.has(targetKey(target)));
  const metrics = createReplicaMetrics(registry, () => {
    const { isMember, members, held, renewedAt } = membership.status();
    return { isMember, members: members.length, polled: polled(held), configured: configured.size, renewedAt };
  });
  const membership = new Membership({
    store,
    id,
    knowledge: () => knowledge,
    poll,
    observer: createObserver(id, log, { polled, configured: () => configured.size, lapsed: () => metrics.lapsed() }),
  });
  return {
    async use(targets, next) {
      const isFirst = running === undefined;
      running = next;
      configured = new Set(targets.map(targetKey));
      knowledge = knowledgeOf([...configured, ...others]);
      if (isFirst) return membership.start();
      await poll(membership.status().held);
      membership.wake();
    },
    isMember: () => membership.holds(),
    has: (key) => membership.holds() && membership.status().held.has(key),
    settled: membership.settled,
    report: () => reportReplicas(membership.status(), store, others),
    stop: () => membership.stop(),
  };
}

interface Observed {
  polled(held: ReadonlySet<string>): number;
  configured(): number;
  lapsed(): void;
}

/** One line when something changes for a person; a store that goes on failing is not logged at every beat. */
function createObserver(id: string, log: Logger, { polled, configured, lapsed }: Observed): MembershipObserver {
  let isFailing = false;
  return {
    divided(members, held) {
      isFailing = false;
      const figures = { replica: id, replicas: members.length, polled: polled(held), configured: configured() };
      log.info(figures, "this replica's share of the targets");
    },
    removed(replicas) {
      log.warn({ replicas }, "replicas that were silent are taken out, so that others take over their targets");
    },
    lapsed() {
      lapsed();
      log.error(
        { replica: id },
        "this replica polls nothing until it has joined again: it could not say in time that it is there, and others may have its targets",
      );
    },
    failed(error) {
      if (isFailing) return;
      isFailing = true;
      if (error instanceof StoreUnavailable)
        log.warn({ replica: id }, `membership could not be renewed: ${error.message}`);
      else log.error({ replica: id, err: error }, "membership could not be renewed");
    },
  };
}
