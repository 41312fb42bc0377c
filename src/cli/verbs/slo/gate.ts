import { openAuditLog } from "../../../app/slo/audit.ts";
import { policyOf } from "../../../app/slo/policy.ts";
import { createLogger } from "../../../lib/log.ts";
import { prometheusSource } from "../../../slo/budget/prometheus-source.ts";
import { readBudgets } from "../../../slo/budget/read.ts";
import { askGate } from "../../../slo/gate.ts";
import { defaultPolicy } from "../../../slo/policy/schema.ts";
import { withChosen, type ChosenOptions } from "./chosen.ts";
import { print, printJson, usage } from "./specs.ts";

/** What `watchkeeper slo gate` is asked. */
export interface GateOptions extends Omit<ChosenOptions, "ids"> {
  readonly id: string;
  readonly change?: string;
  readonly approvedBy?: string;
  /** `label=value`, with commas between them. */
  readonly group?: string;
  readonly json?: boolean;
}

/** Asks a gate by the policy of the configuration. Answers whether it denies. Throws `ConfigError`. */
export async function gate({ id, change, approvedBy, group, json = false, ...options }: GateOptions): Promise<boolean> {
  const { allow } = await withChosen({ ...options, ids: [id] }, async ({ read, slos, prometheus: { target } }) => {
    const [slo] = slos;
    if (slo === undefined) throw usage(`there is no SLO with the id ${id}`);
    const section = read.config?.slo;
    const { exclusions = [] } = section ?? {};
    const audit = await openAuditLog(section?.auditLog, await createLogger({ level: "warn", format: "text" }));
    const at = Math.floor(Date.now() / 1_000);
    const source = prometheusSource(target);
    const result = await askGate({
      slo,
      policy: section === undefined ? defaultPolicy() : await policyOf(section),
      at,
      memory: audit.memory,
      budgets: async () => (await readBudgets([slo], { source, exclusions, at })).get(id) ?? [],
      change,
      approvedBy,
      group: groupOf(group),
    });
    await audit.append(result.audit);
    if (json) printJson(result.answer);
    else print(`${result.answer.allow ? "allowed" : "denied"}: ${result.answer.reason}`);
    return result.answer;
  });
  return !allow;
}

const groupOf = (text: string | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (text ?? "").split(",").flatMap((pair): [string, string][] => {
      if (pair === "") return [];
      const [label = "", value] = pair.split(/=(.*)/s, 2);
      if (value === undefined) throw usage(`--group is written label=value, not ${pair}`);
      return [[label, value]];
    }),
  );
