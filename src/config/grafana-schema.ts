import { z } from "zod";
import { tlsFields, urlField } from "../core/config-fields.ts";
import { loginSchema } from "./login-schema.ts";

/** The section `grafana`. */
export const grafanaSchema = z
  .strictObject({
    url: urlField().describe("URL of Grafana, with its sub-path if it has one, such as `https://grafana.example`."),
    login: loginSchema.describe("Token of a service account with the role Editor, or a user name and a password."),
    folder: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(189, "must have 189 characters at most")
      .optional()
      .describe("Title of the folder of the dashboards when it is made; `Watchkeeper` unless given."),
    org_id: z.int().min(1).optional().describe("Id of the organisation; the first one unless given."),
    ...tlsFields,
  })
  .transform(({ org_id: orgId, ca_file: caFile, server_name: serverName, ...rest }) => ({
    ...rest,
    orgId,
    caFile,
    serverName,
  }));
