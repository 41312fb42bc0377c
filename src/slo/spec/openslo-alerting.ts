import { minutes } from "../../core/duration.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import type { SloAlert, SloAlerting, Tier } from "../model.ts";
import { ALERT_NAME } from "./defaults.ts";
import { lengthOfShorthand } from "./openslo-fields.ts";
import type { OpenSloShelf, Placed } from "./openslo-objects.ts";
import type { OpenSloCondition, OpenSloPolicy, OpenSloSlo, OpenSloTarget } from "./openslo-schema.ts";
import { twelfth } from "./own-alerting.ts";

/**
 * Which alert a condition's severity asks for; OpenSLO leaves the words open, so others have to be decided by people.
 */
const SEVERITIES = new Map<string, Tier["alert"]>([
  ["page", "page"],
  ["critical", "page"],
  ["ticket", "ticket"],
  ["warning", "ticket"],
]);

/** The label by which Alertmanager can route to the notification targets of a policy. */
const TARGET_LABEL = "notification_target";

/** One policy with what it refers to. */
interface Policy {
  readonly alert: Tier["alert"];
  /** Undefined when a breach raises no alert. */
  readonly tier: Tier | undefined;
  readonly noData: boolean;
  readonly targets: string;
  readonly placed: Placed<OpenSloPolicy>;
}

/** No alerts at all. */
export const SILENT: SloAlerting = {
  name: ALERT_NAME,
  page: { enabled: false, labels: {}, annotations: {} },
  ticket: { enabled: false, labels: {}, annotations: {} },
  noData: undefined,
  budgetLeft: [],
  tiers: undefined,
};

/**
 * The alerts that the policies of an SLO ask for; undefined after a finding. Each condition is one tier. It has one
 * window in OpenSLO; here a twelfth of it must burn as well, so that an alert ends soon after its cause.
 */
export function openSloAlerting(slo: Placed<OpenSloSlo>, shelf: OpenSloShelf): SloAlerting | undefined {
  const written = slo.value.alertPolicies ?? [];
  if (written.length === 0) {
    slo.findings.warning("no-alerts", slo.path, "has no alertPolicies, so no alert is written for it");
    return SILENT;
  }
  const policies = written.map((one, i) => policyOf(one, [...slo.path, "alertPolicies", i], slo, shelf));
  const read = policies.filter((policy) => policy !== undefined);
  if (read.length < policies.length || !haveSameTargets(read)) return undefined;
  const tiers = read.flatMap(({ tier }) => tier ?? []);
  const alert = (which: Tier["alert"]): SloAlert => {
    const targets = read.find((policy) => policy.alert === which)?.targets ?? "";
    return {
      enabled: tiers.some((tier) => tier.alert === which),
      labels: targets === "" ? {} : { [TARGET_LABEL]: targets },
      annotations: {},
    };
  };
  const silent = read.filter(({ noData }) => noData);
  const severity = silent.some((policy) => policy.alert === "page") ? "critical" : "warning";
  return {
    ...SILENT,
    page: alert("page"),
    ticket: alert("ticket"),
    noData: silent.length === 0 ? undefined : { severity },
    tiers: tiers.length === 0 ? undefined : tiers,
  };
}

/** All tiers of the page are one alert, and so are those of the ticket: each can go to one place only. */
function haveSameTargets(policies: readonly Policy[]): boolean {
  const other = policies.find(
    ({ alert, targets }) => policies.find((first) => first.alert === alert)?.targets !== targets,
  );
  other?.placed.findings.error(
    "unsupported",
    [...other.placed.path, "notificationTargets"],
    `differ from those of another policy for a ${other.alert}, and one ${other.alert} is written for both: take the same targets`,
  );
  return other === undefined;
}

type WrittenPolicy = NonNullable<OpenSloSlo["alertPolicies"]>[number];

function policyOf(
  written: WrittenPolicy,
  path: YamlPath,
  { findings }: Placed<OpenSloSlo>,
  shelf: OpenSloShelf,
): Policy | undefined {
  const placed: Placed<OpenSloPolicy> | undefined =
    "spec" in written
      ? { value: written.spec, path: [...path, "spec"], findings }
      : shelf.resolve("AlertPolicy", { value: written.alertPolicyRef, path: [...path, "alertPolicyRef"], findings });
  if (placed === undefined) return undefined;
  const condition = conditionOf(placed, shelf);
  const targets = targetsOf(placed, shelf);
  const { alertWhenBreaching, alertWhenNoData, alertWhenResolved } = placed.value;
  if (alertWhenResolved === true)
    placed.findings.warning(
      "no-effect",
      [...placed.path, "alertWhenResolved"],
      "is for Alertmanager to do: set send_resolved at the receiver",
    );
  const tier = condition && tierOf(condition);
  if (tier === undefined || targets === undefined) return undefined;
  const isWanted = alertWhenBreaching === true;
  return { alert: tier.alert, tier: isWanted ? tier : undefined, noData: alertWhenNoData === true, targets, placed };
}

function conditionOf({ value, path, findings }: Placed<OpenSloPolicy>, shelf: OpenSloShelf) {
  const at = [...path, "conditions", 0];
  const [written] = value.conditions;
  if (written === undefined) return undefined;
  if ("spec" in written) return { value: written.spec, path: [...at, "spec"], findings };
  return shelf.resolve("AlertCondition", { value: written.conditionRef, path: [...at, "conditionRef"], findings });
}

/** The names of the targets; a routing tree by them is for Alertmanager to have. */
function targetsOf({ value, path, findings }: Placed<OpenSloPolicy>, shelf: OpenSloShelf): string | undefined {
  const names = (value.notificationTargets ?? []).map((written, i) => {
    const at = [...path, "notificationTargets", i, "spec" in written ? "spec" : "targetRef"];
    if ("spec" in written) {
      noteTarget({ value: written.spec, path: at, findings });
      return written.metadata.name;
    }
    return shelf.resolve("AlertNotificationTarget", { value: written.targetRef, path: at, findings })?.metadata.name;
  });
  return names.includes(undefined) ? undefined : names.join(",");
}

/** Says what becomes of a target: where notifications go is for Alertmanager to know. */
export const noteTarget = ({ path, findings }: Placed<OpenSloTarget>): void =>
  findings.warning(
    "no-effect",
    [...path, "target"],
    `is not written anywhere: route by the label ${TARGET_LABEL} in Alertmanager, which has the target's name`,
  );

const LEAST = minutes(10);

function tierOf({ value, path, findings }: Placed<OpenSloCondition>): Tier | undefined {
  const { severity, condition } = value;
  const alert = SEVERITIES.get(severity.toLowerCase());
  if (alert === undefined)
    findings.error(
      "unsupported",
      [...path, "severity"],
      "must be page (or critical) or ticket (or warning): decide which it is",
    );
  const at = (key: string): YamlPath => [...path, "condition", key];
  const { op, threshold, lookbackWindow, alertAfter } = condition;
  if (op === "lt" || op === "lte")
    findings.error("unsupported", at("op"), "would alert while the budget burns slowly: write gt or gte");
  const long = lengthOfShorthand(lookbackWindow);
  if (long < LEAST)
    findings.error("unsupported", at("lookbackWindow"), "must be at least 10m, since 5m are counted at a time");
  if (alert === undefined || op === "lt" || op === "lte" || long < LEAST) return undefined;
  return {
    alert,
    long,
    short: twelfth(long),
    factor: threshold,
    for: alertAfter == null ? minutes(0) : lengthOfShorthand(alertAfter),
    keepFiringFor: minutes(15),
  };
}
