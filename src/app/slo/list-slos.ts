import { formatConfigFault } from "../../core/errors.ts";
import { inSeconds } from "../../core/duration.ts";
import { answerUnknown, memoryKey, type GateAnswer } from "../../slo/gate.ts";
import type { Slo, SloFinding } from "../../slo/model.ts";
import { windowText } from "../../slo/rules/context.ts";
import type { SloAlertNow } from "./alerts.ts";
import type { SloState } from "./state.ts";

/** One SLO in a list: of its groups the worst. What is not known is null. */
export interface SloSummary {
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly objective: number;
  /** `30d`, or `calendar month (Europe/Berlin)`. */
  readonly window: string;
  /** Share of the budget that is left; below 0 when overspent. */
  readonly budgetRemaining: number | null;
  /** What was left at `at`, while Prometheus can not be asked and so nobody knows what is left now. */
  readonly budgetRemainingBefore: number | null;
  readonly burn: number | null;
  readonly coverage: number | null;
  /** How much time of the window was measured. */
  readonly measuredSeconds: number | null;
  readonly exhaustedInSeconds: number | null;
  /** `healthy`, `unknown` or a state of the policy. */
  readonly state: string;
  readonly reason: string;
  readonly allow: boolean | null;
  /** The group that the figures are of; `{}` without groups. */
  readonly group: Readonly<Record<string, string>>;
  readonly groups: number;
  /** Groups of which too little is known to judge them, such as new ones. */
  readonly unknownGroups: number | null;
  /** Why what it counted, or what all did, could not be read the last time; null when it could. */
  readonly trouble: string | null;
  /** Null when they could not be read. */
  readonly alerts: readonly SloAlertNow[] | null;
}

/** All SLOs, those with the least budget left first, those of which nothing is known last. */
export interface SloList {
  /** When what they counted was read, RFC 3339; null until then. */
  readonly at: string | null;
  /** Why it could not be read the last time. */
  readonly trouble: string | null;
  readonly policy: string;
  readonly slos: readonly SloSummary[];
  /** What is wrong with the specifications: `file:line:column path: message`. */
  readonly findings: readonly { readonly severity: SloFinding["severity"]; readonly text: string }[];
}

/** The list of SLOs. */
export function listSlos(state: SloState): SloList {
  const { specs, policy, snapshot, trouble } = state;
  return {
    at: snapshot === undefined ? null : new Date(snapshot.at * 1_000).toISOString(),
    trouble: trouble ?? null,
    policy: policy.name,
    slos: specs.slos.map((slo) => summaryOf(slo, state)).toSorted(byBudget),
    findings: specs.findings.map((finding) => ({ severity: finding.severity, text: findingText(finding) })),
  };
}

/** `file:line:column path: message`. */
export const findingText = ({ source, path, message }: SloFinding): string =>
  formatConfigFault({ file: source.file, line: source.line, column: source.column, path, message });

/**
 * One SLO of the list. While Prometheus can not be asked it says what a gate does then, and not what one said before.
 */
export function summaryOf(slo: Slo, state: SloState): SloSummary {
  const { snapshot, trouble } = state;
  const { id, service, name, description, labels, objective, window } = slo;
  const before: Partial<GateAnswer> = snapshot?.answers.get(id) ?? {};
  const answer = trouble === undefined ? before : gateWithout(slo, state, trouble);
  const alerts = trouble === undefined ? snapshot?.alerts : undefined;
  return {
    id,
    service,
    name,
    description,
    labels,
    objective,
    window: windowText(window),
    budgetRemaining: answer.budgetRemaining ?? null,
    budgetRemainingBefore: trouble === undefined ? null : (before.budgetRemaining ?? null),
    burn: answer.burn ?? null,
    coverage: answer.coverage ?? null,
    measuredSeconds: measuredSeconds(slo, answer, state),
    exhaustedInSeconds: answer.exhaustedInSeconds ?? null,
    state: answer.state ?? "unknown",
    reason: answer.reason ?? "What it counted is being read for the first time.",
    allow: answer.allow ?? null,
    group: answer.group ?? {},
    groups: snapshot?.budgets.get(id)?.length ?? 0,
    unknownGroups: answer.unknownGroups ?? null,
    trouble: trouble ?? snapshot?.troubles.get(id)?.message ?? null,
    alerts: alerts === undefined ? null : (alerts.get(id) ?? []),
  };
}

const gateWithout = (slo: Slo, { policy, audit }: SloState, trouble: string): GateAnswer =>
  answerUnknown({ slo, policy, memory: audit.memory, at: Math.floor(Date.now() / 1_000) }, trouble);

function measuredSeconds({ id }: Slo, { group, coverage }: Partial<GateAnswer>, { snapshot }: SloState): number | null {
  if (group === undefined || (coverage ?? null) === null) return null;
  const key = memoryKey(id, group);
  const budget = snapshot?.budgets.get(id)?.find((of) => memoryKey(id, of.group) === key);
  return budget === undefined ? null : inSeconds(budget.measuredTime);
}

function byBudget(a: SloSummary, b: SloSummary): number {
  const left = ({ budgetRemaining, budgetRemainingBefore: before }: SloSummary): number =>
    budgetRemaining ?? before ?? Number.MAX_VALUE;
  return left(a) - left(b) || (a.id < b.id ? -1 : 1);
}
