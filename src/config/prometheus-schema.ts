import { z } from "zod";
import { fileField, urlField } from "../core/config-fields.ts";
import { loginSchema } from "./login-schema.ts";

/** The section `prometheus`. */
export const prometheusSchema = z
  .strictObject({
    url: urlField().describe("URL of a Prometheus, Mimir or Thanos, up to what comes before `/api/v1`."),
    ca_file: fileField().optional().describe("PEM file of the authorities that may sign its certificate."),
    login: loginSchema.optional().describe("How to log in, if it asks."),
    tenant: z.string().min(1).optional().describe("Mimir's tenant, sent in the header `X-Scope-OrgID`."),
  })
  .transform(({ ca_file: caFile, ...rest }) => ({ ...rest, caFile }));

/** What the configuration says of the Prometheus that is asked. */
export type PrometheusConfig = z.output<typeof prometheusSchema>;
