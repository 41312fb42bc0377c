import { dirname, resolve } from "node:path";
import { z } from "zod";
import { fileField, urlField } from "../core/config-fields.ts";
import { exclusionsSchema } from "../slo/budget/exclusions.ts";
import { policySchema } from "../slo/policy/schema.ts";
import { loginSchema } from "./login-schema.ts";

const prometheusSchema = z
  .strictObject({
    url: urlField().describe(
      "URL of the Prometheus, Mimir or Thanos that evaluates the rules of the SLOs, up to what comes before `/api/v1`.",
    ),
    ca_file: fileField().optional().describe("PEM file of the authorities that may sign its certificate."),
    login: loginSchema.optional().describe("How to log in, if it asks."),
    tenant: z.string().min(1).optional().describe("Mimir's tenant, sent in the header `X-Scope-OrgID`."),
  })
  .transform(({ ca_file: caFile, ...rest }) => ({ ...rest, caFile }));

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
    prometheus: prometheusSchema.describe("Where what the SLOs counted is read."),
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
