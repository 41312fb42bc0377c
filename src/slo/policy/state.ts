import type { Duration } from "../../core/duration.ts";
import { inSeconds } from "../../core/duration.ts";
import type { Policy, PolicyState } from "./schema.ts";

/** What a policy judges by; undefined is not known. */
export interface BudgetFacts {
  readonly left: number | undefined;
  readonly burn: number | undefined;
  readonly coverage: number;
  /** Why nothing is known, as a sentence, where that is a fault. */
  readonly trouble?: string | undefined;
}

/** What must be kept of an SLO's group from one look to the next; plain data. */
export interface PolicyMemory {
  /** `healthy` or a state of the policy. */
  readonly state: string;
  /** When it was entered, Unix seconds. */
  readonly since: number;
  /** Since when it is good enough to leave it. */
  readonly betterSince?: number | undefined;
}

/** Name of what no state applies to, and of what can not be judged. */
export const HEALTHY = "healthy";
export const UNKNOWN = "unknown";

/** Whether enough is known to judge. */
export const isKnown = (policy: Policy, { left, coverage }: BudgetFacts): boolean =>
  left !== undefined && coverage > 0 && coverage >= policy.min_coverage;

/**
 * The state at a moment. A worse one is entered at once; one is left when all that led into it is better by the
 * policy's margin and has been for its time. Facts that are not known change nothing.
 */
export function nextState(
  policy: Policy,
  facts: BudgetFacts,
  previous: PolicyMemory | undefined,
  at: number,
): PolicyMemory {
  const before = previous ?? { state: HEALTHY, since: at };
  if (!isKnown(policy, facts)) return before;
  // a state that the policy no longer has binds nobody
  const rank = policy.states.findIndex(({ name }) => name === before.state);
  const applies = policy.states.map((state, i) => (i <= rank ? stays(state, policy, facts) : begins(state, facts)));
  const next = applies.lastIndexOf(true);
  const name = policy.states[next]?.name ?? HEALTHY;
  if (name === before.state) return { state: name, since: before.since };
  if (next > rank || rank === -1) return { state: name, since: at };
  const betterSince = before.betterSince ?? at;
  return isOver(betterSince, at, policy.recovery.after)
    ? { state: name, since: at }
    : { state: before.state, since: before.since, betterSince };
}

const isOver = (since: number, at: number, wait: Duration): boolean => at - since >= inSeconds(wait);

const begins = ({ budget_left_at_most: least, burn_above: most }: PolicyState, { left, burn }: BudgetFacts): boolean =>
  (least !== undefined && left !== undefined && left <= least) ||
  (most !== undefined && burn !== undefined && burn > most);

function stays(state: PolicyState, { recovery }: Policy, facts: BudgetFacts): boolean {
  const { budget_left_at_most: least, burn_above: most } = state;
  return begins(
    {
      ...state,
      budget_left_at_most: least === undefined ? undefined : least + recovery.budget,
      burn_above: most === undefined ? undefined : most * recovery.burn,
    },
    facts,
  );
}
