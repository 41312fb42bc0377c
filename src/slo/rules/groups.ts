import { formatDuration } from "../../core/duration.ts";
import type { Slo, SloRule, SloRuleGroup } from "../model.ts";
import { budgetAlerts, burnAlerts, noDataAlerts } from "./alerts.ts";
import { ruleContext, STEPPING, type RuleContext, type SloRuleOptions } from "./context.ts";
import { budgetRecords, constantRecords, fastRecords, slowRatios, SLOW_INTERVAL } from "./records.ts";

type Pace = "fast" | "slow";

/** Steps are counted as often as they are long. */
const intervalOf = (pace: Pace, { step = STEPPING.step }: SloRuleOptions): string =>
  formatDuration(pace === "fast" ? step : SLOW_INTERVAL);

/** Rules that stay together and in their order, because later ones read what earlier ones have just recorded. */
interface Chain {
  readonly pace: Pace;
  readonly rules: readonly SloRule[];
}

/**
 * The rules of SLOs, group by group, so that those of thousands need not be held at once: the same SLOs and options
 * give the same rules. A composite reads what its members recorded. Throws when a composite's member is not among
 * `slos`.
 */
export function* eachSloGroup(slos: readonly Slo[], options: SloRuleOptions): Generator<SloRuleGroup> {
  const byId = new Map(slos.map((slo) => [slo.id, slo]));
  const { rulesPerGroup } = options;
  if (rulesPerGroup === undefined) for (const slo of slos) yield* ownGroups(ruleContext(slo, byId, options));
  else
    yield* packed(
      slos.flatMap((slo) => chainsOf(ruleContext(slo, byId, options))),
      rulesPerGroup,
      options,
    );
}

/** {@link eachSloGroup} all at once. */
export const sloRules = (slos: readonly Slo[], options: SloRuleOptions): readonly SloRuleGroup[] => [
  ...eachSloGroup(slos, options),
];

function chainsOf(context: RuleContext): Chain[] {
  const slow = (rules: readonly SloRule[]): Chain => ({ pace: "slow", rules });
  return [
    { pace: "fast", rules: [...fastRecords(context), ...burnAlerts(context, "page")] },
    slow([...slowRatios(context), ...burnAlerts(context, "ticket")]),
    slow([...budgetRecords(context), ...budgetAlerts(context)]),
    slow(noDataAlerts(context)),
    ...constantRecords(context).map((rule) => slow([rule])),
  ];
}

function ownGroups(context: RuleContext): SloRuleGroup[] {
  const chains = chainsOf(context);
  return (["fast", "slow"] as const).map((pace) => ({
    name: `slo-${context.slo.id}-${pace}`,
    interval: intervalOf(pace, context),
    rules: chains.filter((chain) => chain.pace === pace).flatMap(({ rules }) => rules),
  }));
}

/** Fills groups, each chain into the fullest one of its pace that still has room for it. */
function packed(chains: readonly Chain[], most: number, options: SloRuleOptions): SloRuleGroup[] {
  const paces = (["fast", "slow"] as const).map((pace) => {
    const groups: SloRule[][] = [];
    const byRoom = Array.from({ length: most + 1 }, (): SloRule[][] => []);
    for (const rules of chains.filter((chain) => chain.pace === pace).flatMap((chain) => split(chain.rules, most))) {
      const group =
        byRoom
          .slice(rules.length)
          .find((waiting) => waiting.length > 0)
          ?.pop() ?? opened(groups);
      group.push(...rules);
      byRoom[most - group.length]?.push(group);
    }
    return groups.map((rules, i) => ({ name: `slo-${pace}-${i + 1}`, interval: intervalOf(pace, options), rules }));
  });
  return paces.flat();
}

function opened(groups: SloRule[][]): SloRule[] {
  const group: SloRule[] = [];
  groups.push(group);
  return group;
}

/** A chain that no group can hold goes on in the next one, where it reads what was recorded a step before. */
const split = (rules: readonly SloRule[], most: number): (readonly SloRule[])[] =>
  rules.length === 0
    ? []
    : Array.from({ length: Math.ceil(rules.length / most) }, (_, i) => rules.slice(i * most, (i + 1) * most));
