import { dirname, resolve } from "node:path";
import { z } from "zod";
import { fileField } from "../core/config-fields.ts";
import { exclusionsSchema } from "../slo/budget/exclusions.ts";
import { isMapping } from "../lib/documents/values.ts";
import { policySchema } from "../slo/policy/schema.ts";
import type { PrometheusConfig } from "./prometheus-schema.ts";

/** The section `slo`. */
export const sloSchema = z
  .strictObject({
    specs: z
      .array(z.string().min(1, "must name a file, a folder or a pattern"))
      .min(1)
      .max(1_000)
      .describe(
        "Files, folders and patterns such as `slo/*.yaml` with specifications; relative ones start at the folder of the configuration file.",
      ),
    policy: policySchema
      .optional()
      .describe("The error budget policy by which gates decide; a careful one of the engine unless given."),
    policy_file: fileField().optional().describe("File that holds the policy in place of `policy`."),
    exclusions: exclusionsSchema.prefault([]),
    audit_log: z
      .string()
      .min(1, "must name a file")
      .meta({ format: "path" })
      .optional()
      .describe(
        "File that what gates answered and how states changed is appended to, one JSON object a line; states go on from it after a restart.",
      ),
  })
  .superRefine(({ policy, policy_file: file }, context) => {
    if (policy === undefined || file === undefined) return;
    context.addIssue({ code: "custom", path: ["policy"], message: "stands beside policy_file: keep one of the two" });
  })
  .transform(({ policy_file: policyFile, audit_log: auditLog, ...rest }) => ({ ...rest, policyFile, auditLog }));

/** What the configuration says of SLOs. */
export type SloConfig = z.output<typeof sloSchema>;

/** {@link SloConfig} with the Prometheus in which the SLOs are counted. */
export interface SloSettings extends SloConfig {
  readonly prometheus: PrometheusConfig;
}

/** Undefined when a configuration has no SLOs; the schema sees to it that those have a Prometheus. */
export const sloSettings = ({
  slo,
  prometheus,
}: {
  readonly slo?: SloConfig | undefined;
  readonly prometheus?: PrometheusConfig | undefined;
}): SloSettings | undefined => slo && prometheus && { ...slo, prometheus };

/**
 * That SLOs are configured and no Prometheus that counts them; for the settings as a whole, whatever else is wrong with
 * them.
 */
export const uncountedSlos = (
  settings: unknown,
): readonly { readonly path: readonly string[]; readonly message: string }[] =>
  isMapping(settings) && settings["slo"] !== undefined && settings["prometheus"] === undefined
    ? [{ path: ["slo"], message: "needs the section `prometheus`: what was counted is read from there" }]
    : [];

/** Makes paths that are relative start at the folder of the configuration file. */
export function resolveSlo(slo: SloConfig, configFile: string): SloConfig {
  const folder = dirname(configFile);
  return {
    ...slo,
    // a short path stays short in findings
    specs: slo.specs.map((path) => (folder === "." ? path : resolve(folder, path))),
    auditLog: slo.auditLog === undefined ? undefined : resolve(folder, slo.auditLog),
  };
}
