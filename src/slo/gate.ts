import { inSeconds } from "../core/duration.ts";
import { CollectError } from "../core/errors.ts";
import type { Budget } from "./budget/budget.ts";
import { SLICE_SECONDS } from "./budget/increments.ts";
import type { Slo } from "./model.ts";
import { decide, isOfState, type AuditEntry, type Cause, type Decision } from "./policy/decide.ts";
import type { Policy } from "./policy/schema.ts";
import { UNKNOWN, type PolicyMemory } from "./policy/state.ts";

/** What a gate answers: every key is always there, every number is finite or null. */
export interface GateAnswer {
  readonly slo: string;
  readonly allow: boolean;
  readonly cause: Cause;
  /** One sentence for people. */
  readonly reason: string;
  /** Share of the budget that is left; below 0 when overspent; null while the state is `unknown`. */
  readonly budgetRemaining: number | null;
  /** How fast the budget burnt in the last hour; 1 uses it up at the end of the window. */
  readonly burn: number | null;
  /** Share of the window that was measured. */
  readonly coverage: number | null;
  readonly exhaustedInSeconds: number | null;
  readonly state: string;
  readonly actions: readonly string[];
  readonly policy: string;
  /** Labels of the group that decided; `{}` without groups. */
  readonly group: Readonly<Record<string, string>>;
  /** Groups that were asked, and those of them of which too little is known; null when nothing could be read. */
  readonly groups: number | null;
  readonly unknownGroups: number | null;
  /** When it was read what the answer goes by, RFC 3339. */
  readonly at: string;
}

/** A question to the gate of an SLO. */
export interface GateQuestion {
  readonly slo: Slo;
  readonly policy: Policy;
  /** Unix seconds. */
  readonly at: number;
  /** Reads the budgets of the SLO's groups; may throw. */
  budgets(): Promise<readonly Budget[]>;
  /** What was kept, by {@link memoryKey}. */
  readonly memory: ReadonlyMap<string, PolicyMemory>;
  readonly change?: string | undefined;
  readonly approvedBy?: string | undefined;
  /** Only groups with these labels are asked; all of them unless given. */
  readonly group?: Readonly<Record<string, string>> | undefined;
}

/** An answer, what is to be kept of each group beside what is kept of others, and what is to be written down. */
export interface GateResult {
  readonly answer: GateAnswer;
  readonly memory: ReadonlyMap<string, PolicyMemory>;
  readonly audit: readonly AuditEntry[];
}

/** Key under which what is kept of a group of an SLO is given back. */
export const memoryKey = (sloId: string, group: Readonly<Record<string, string>>): string =>
  JSON.stringify([sloId, ...Object.entries(group).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

/**
 * Whether a change may be made now, by the worst of the SLO's groups. Never throws: what goes wrong makes the budget
 * unknown, and the policy says what follows from that.
 *
 * Two kinds of groups are passed over while others are known, so that a system whose parts come and go can be deployed
 * to: one that is gone and was measured too little to be judged, and a new one, which can not be known yet, whatever it
 * does. A group that has been there for long enough and was not measured is neither: something is wrong with it. Asked
 * for by itself, each is what it is: unknown.
 */
export async function askGate(question: GateQuestion): Promise<GateResult> {
  const { budgets, trouble } = await readAll(question);
  const judged = budgets.map((budget) => ({ budget, decision: decideOn(question, budget) }));
  const deciding = withoutNew(question, withoutGone(judged));
  const worst = current(
    question,
    deciding.reduce<Judged | undefined>(
      (a, b) => (a === undefined || isWorse(question.policy, b, a) ? b : a),
      undefined,
    ) ?? unknown(question, trouble),
    budgets,
  );
  return {
    answer: answerOf(question, worst, judged),
    memory: new Map(
      judged.map(({ budget, decision }) => [memoryKey(question.slo.id, budget.group), decision.memory] as const),
    ),
    audit: auditOf(judged, worst),
  };
}

/** What a gate answers when its budgets can not be read: by the policy, and in one sentence why. */
export const answerUnknown = (question: Omit<GateQuestion, "budgets">, trouble: string): GateAnswer =>
  answerOf(question, unknown(question, trouble), []);

interface Judged {
  readonly budget: Budget | undefined;
  readonly decision: Decision;
}

interface JudgedGroup extends Judged {
  readonly budget: Budget;
}

async function readAll({ budgets, group = {} }: GateQuestion) {
  try {
    const wanted = Object.entries(group);
    const found = (await budgets()).filter((budget) => wanted.every(([label, value]) => budget.group[label] === value));
    return { budgets: found, trouble: found.length === 0 ? "no such group was measured." : undefined };
  } catch (thrown) {
    const trouble = thrown instanceof CollectError ? thrown.message : "a fault in Watchkeeper itself, see its log.";
    return { budgets: [], trouble };
  }
}

function decideOn({ slo, policy, at, memory, change, approvedBy }: GateQuestion, budget: Budget): Decision {
  const { left, burn, coverage, group } = budget;
  const facts = { left: finite(left), burn: finite(burn), coverage: finite(coverage) ?? 0 };
  const previous = memory.get(memoryKey(slo.id, group));
  return decide(policy, facts, { sloId: slo.id, group, at, change, approvedBy }, previous);
}

function unknown(
  { slo, policy, at, change, approvedBy, group = {} }: Omit<GateQuestion, "budgets">,
  trouble: string | undefined,
): Judged {
  const facts = { left: undefined, burn: undefined, coverage: 0, trouble };
  const decision = decide(policy, facts, { sloId: slo.id, group, at, change, approvedBy }, undefined);
  return { budget: undefined, decision };
}

/**
 * A group that is gone for good is less and less known until its window is over: by then it says nothing of the others.
 */
function withoutGone(judged: readonly JudgedGroup[]): readonly JudgedGroup[] {
  if (!judged.some(({ budget }) => budget.isCurrent)) return judged;
  return judged.filter(({ budget, decision }) => budget.isCurrent || decision.state !== UNKNOWN);
}

/**
 * A new group was first measured too lately for the share of the window that the policy wants, however well it is
 * measured.
 */
function withoutNew({ policy }: GateQuestion, judged: readonly JudgedGroup[]): readonly JudgedGroup[] {
  const isKnown = ({ decision }: Judged): boolean => decision.state !== UNKNOWN;
  if (!judged.some((of) => of.budget.isCurrent && isKnown(of))) return judged;
  return judged.filter((of) => isKnown(of) || !isNew(of.budget, policy));
}

function isNew({ since, window: { from, to } }: Budget, { min_coverage: least }: Policy): boolean {
  return since !== undefined && since > from && (to - since + SLICE_SECONDS) / (to - from) < least;
}

/** What was left when the measuring ended is no leave: nobody knows what happens now. A denial stays one. */
function current(question: GateQuestion, worst: Judged, budgets: readonly Budget[]): Judged {
  if (worst.decision.cause !== "budget" || !worst.decision.allow || budgets.some(({ isCurrent }) => isCurrent))
    return worst;
  return { ...unknown(question, "nothing was measured lately."), budget: worst.budget };
}

/**
 * A denial is worse than leave, then the more severe state, then what is not known than what is well, then the lesser
 * budget.
 */
function isWorse({ states }: Policy, a: Judged, b: Judged): boolean {
  const rank = ({ decision, budget }: Judged): readonly number[] => [
    decision.allow ? 0 : 1,
    states.findIndex(({ name }) => name === decision.state),
    decision.state === UNKNOWN ? 1 : 0,
    -(budget?.left ?? Number.POSITIVE_INFINITY),
  ];
  const [ranksA, ranksB] = [rank(a), rank(b)];
  const differing = ranksA.findIndex((value, i) => value !== ranksB[i]);
  return (ranksA[differing] ?? 0) > (ranksB[differing] ?? 0);
}

/** The states of all groups, and the answer once: by the group that decided. */
const auditOf = (judged: readonly Judged[], worst: Judged): readonly AuditEntry[] => [
  ...judged.flatMap(({ decision }) => decision.audit.filter(isOfState)),
  ...worst.decision.audit.filter((entry) => !isOfState(entry)),
];

function answerOf(
  { slo, policy, at, group = {} }: Omit<GateQuestion, "budgets">,
  { budget, decision }: Judged,
  judged: readonly JudgedGroup[],
): GateAnswer {
  const known = decision.state === UNKNOWN ? undefined : budget;
  const exhaustedIn = known?.exhaustedIn;
  const unknownGroups = judged.filter((of) => of.decision.state === UNKNOWN).length;
  return {
    slo: slo.id,
    allow: decision.allow,
    cause: decision.cause,
    reason: decision.state !== UNKNOWN && unknownGroups > 0 ? withUnknown(decision, unknownGroups) : decision.reason,
    budgetRemaining: finite(known?.left) ?? null,
    burn: finite(budget?.burn) ?? null,
    coverage: finite(budget?.coverage) ?? null,
    exhaustedInSeconds: exhaustedIn === undefined ? null : inSeconds(exhaustedIn),
    state: decision.state,
    actions: decision.actions,
    policy: policy.name,
    group: budget?.group ?? group,
    groups: judged.length > 0 ? judged.length : null,
    unknownGroups: judged.length > 0 ? unknownGroups : null,
    at: new Date(at * 1_000).toISOString(),
  };
}

const withUnknown = ({ reason }: Decision, groups: number): string =>
  `${reason} Of ${groups} other ${groups === 1 ? "group" : "groups"} too little is known.`;

/** Undefined for what JSON can not say; its zero has no sign. */
const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) ? value + 0 : undefined;
