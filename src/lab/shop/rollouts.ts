import type { Draws } from "./draws.ts";
import type { Rollout } from "./faults/active-fault.ts";
import { makePod, suffix, type Pod, type Topology } from "./topology.ts";

/** Rollouts that are to come or on their way. */
export class Rollouts {
  readonly #topology: Topology;
  /** Told of a pod that is gone. */
  readonly #gone: (pod: Pod) => void;
  #plans: { readonly rollout: Rollout; readonly set: string; done: number }[] = [];

  constructor(topology: Topology, gone: (pod: Pod) => void) {
    this.#topology = topology;
    this.#gone = gone;
  }

  plan(rollout: Rollout, draws: Draws): void {
    this.#plans.push({ rollout, set: suffix(draws, 9), done: 0 });
  }

  /** Lets nothing come of those of a service that have not begun. */
  forget(service: string): void {
    this.#plans = this.#plans.filter(({ rollout, done }) => rollout.service !== service || done > 0);
  }

  /** Replaces the pods whose time has come. */
  goOn(draws: Draws, at: number): void {
    const { pods, generations } = this.#topology;
    for (const plan of this.#plans) {
      const { service, version, at: moments } = plan.rollout;
      const own = pods.get(service) ?? [];
      for (let moment = moments[plan.done]; moment !== undefined && moment <= at; moment = moments[plan.done]) {
        const old = own[plan.done];
        if (plan.done === 0) generations.set(service, (generations.get(service) ?? 0) + 1);
        if (old !== undefined) {
          own[plan.done] = makePod(draws, { service, version, set: plan.set, startedAt: at, node: old.node });
          this.#gone(old);
        }
        plan.done += 1;
      }
    }
  }
}
