import { moment } from "../../lib/times.ts";
import { percent } from "../percent.ts";
import type { Policy, PolicyAction, PolicyState } from "./schema.ts";
import { HEALTHY, isKnown, nextState, UNKNOWN, type BudgetFacts, type PolicyMemory } from "./state.ts";

/** Who asks about what. */
export interface PolicyQuestion {
  readonly sloId: string;
  readonly group: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly at: number;
  /** Kind of change, such as `rollback`. */
  readonly change?: string | undefined;
  /** Who approved the change, where a policy wants that. */
  readonly approvedBy?: string | undefined;
}

/** Why a decision is as it is. */
export type Cause = "budget" | "unknown" | "always_allowed" | "exempt" | "approved";

/** What a policy says of a change now. */
export interface Decision {
  readonly allow: boolean;
  readonly cause: Cause;
  /** One sentence for the person or the log that gets it. */
  readonly reason: string;
  /** `healthy`, `unknown` or a state of the policy. */
  readonly state: string;
  readonly actions: readonly PolicyAction[];
  /** To be given back at the next question. */
  readonly memory: PolicyMemory;
  readonly audit: readonly AuditEntry[];
}

/** What happened, for whoever asks later; plain data. */
export interface AuditEntry {
  /** Unix seconds. */
  readonly at: number;
  readonly sloId: string;
  readonly group: Readonly<Record<string, string>>;
  readonly policy: string;
  /** `recovery` when it begins to be good enough to leave the state, or ends to be: whoever goes on later must know. */
  readonly event: "state" | "recovery" | "allowed" | "denied";
  readonly state: string;
  /** The state before, of the event `state`. */
  readonly from?: string;
  /** Of the event `recovery`: since when it is good enough; absent when it is no more. */
  readonly betterSince?: number;
  readonly cause: Cause;
  readonly reason: string;
  readonly change?: string;
  readonly by?: string;
}

interface Verdict {
  readonly allow: boolean;
  readonly cause: Cause;
  readonly reason: string;
  readonly by?: string | undefined;
}

/** Whether an entry tells of a state, and not of an answer. */
export const isOfState = ({ event }: AuditEntry): boolean => event === "state" || event === "recovery";

/** Decides by the facts and the state that was before; the same input gives the same decision. */
export function decide(
  policy: Policy,
  facts: BudgetFacts,
  question: PolicyQuestion,
  previous: PolicyMemory | undefined,
): Decision {
  const memory = nextState(policy, facts, previous, question.at);
  const known = isKnown(policy, facts);
  const state = known ? policy.states.find(({ name }) => name === memory.state) : undefined;
  const name = known ? (state?.name ?? HEALTHY) : UNKNOWN;
  const actions = known ? (state?.actions ?? []) : unknownActions(policy);
  const why = known ? whyKnown(state, facts) : whyUnknown(policy, facts);
  const verdict = verdictOf(policy, actions, question, { cause: known ? "budget" : "unknown", reason: why });
  const about = { at: question.at, sloId: question.sloId, group: question.group, policy: policy.name };
  const from = previous?.state ?? HEALTHY;
  const told = { ...about, state: memory.state, cause: "budget", reason: why } as const;
  const changed: AuditEntry[] =
    memory.state === from ? recoveryOf(told, memory, previous) : [{ ...told, event: "state", from }];
  const asked: AuditEntry = {
    ...about,
    event: verdict.allow ? "allowed" : "denied",
    state: name,
    cause: verdict.cause,
    reason: verdict.reason,
    ...(question.change !== undefined && { change: question.change }),
    ...(verdict.by !== undefined && { by: verdict.by }),
  };
  const { allow, cause, reason } = verdict;
  return { allow, cause, reason, state: name, actions, memory, audit: [...changed, asked] };
}

function recoveryOf(
  told: Omit<AuditEntry, "event">,
  { betterSince }: PolicyMemory,
  previous: PolicyMemory | undefined,
): AuditEntry[] {
  if (betterSince === previous?.betterSince) return [];
  return [{ ...told, event: "recovery", ...(betterSince !== undefined && { betterSince }) }];
}

function verdictOf(
  policy: Policy,
  actions: readonly PolicyAction[],
  { sloId, at, change, approvedBy }: PolicyQuestion,
  why: { readonly cause: "budget" | "unknown"; readonly reason: string },
): Verdict {
  const blocks = actions.includes("block");
  if (!blocks && !actions.includes("approve")) return { ...why, allow: true };
  if (change !== undefined && policy.always_allow.includes(change))
    return { allow: true, cause: "always_allowed", reason: `A ${change} may always be made. ${why.reason}` };
  const exemption = policy.exemptions.find(
    (of) => at < of.expires && of.slos?.includes(sloId) !== false && (of.change === undefined || of.change === change),
  );
  if (exemption !== undefined) {
    const reason = `Exempt until ${moment(exemption.expires * 1_000)}: ${exemption.reason}. ${why.reason}`;
    return { allow: true, cause: "exempt", reason, by: exemption.by };
  }
  if (blocks) return { ...why, allow: false };
  if (approvedBy !== undefined && approvedBy !== "")
    return { allow: true, cause: "approved", reason: `Approved by ${approvedBy}. ${why.reason}`, by: approvedBy };
  return { ...why, allow: false, reason: `Someone must approve it. ${why.reason}` };
}

const unknownActions = ({ unknown }: Policy): readonly PolicyAction[] => (unknown === "allow" ? [] : [unknown]);

function whyKnown(state: PolicyState | undefined, { left, burn }: BudgetFacts): string {
  const facts = [
    ...(left === undefined
      ? []
      : [left < 0 ? `The budget is overspent by ${percent(-left)}` : `${percent(left)} of the budget is left`]),
    ...(burn === undefined ? [] : [`it burnt ${burn.toFixed(1)} times as fast as allowed in the last hour`]),
  ].join(", ");
  const meaning = state?.text === undefined ? "" : ` ${state.text}`;
  return `${facts}: ${state?.name ?? HEALTHY}.${meaning}`;
}

function whyUnknown({ min_coverage: least }: Policy, { left, coverage, trouble }: BudgetFacts): string {
  if (trouble !== undefined) return `The budget is not known: ${trouble}`;
  return left === undefined || coverage === 0
    ? "The budget is not known: nothing was measured in its window."
    : `The budget is not known: only ${percent(coverage)} of its window was measured, of at least ${percent(least)}.`;
}
