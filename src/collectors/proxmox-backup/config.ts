import { z } from "zod";
import { secretPair, targetFields, tlsFields, urlField } from "../../core/config-fields.ts";

/** The token's secret: hand `source` of a configured target to `readSecret`. */
export const tokenSecretPair = secretPair("token_secret", "Secret of the API token, a UUID.");

/** One Proxmox Backup Server of the configuration. */
export const proxmoxBackupConfig = tokenSecretPair.exactlyOne(
  z.strictObject({
    ...targetFields,
    url: urlField(["https"])
      .refine(
        (url) => new URL(url).pathname === "/",
        "write the server alone, without a path: https://pbs.example.org:8007",
      )
      .describe("URL of the server with its port, which is 8007 unless a proxy changes it."),
    ...tlsFields,
    token_id: z
      .string()
      .regex(
        /^[^\s:/@!]+@[A-Za-z][A-Za-z0-9._-]*![A-Za-z0-9_][A-Za-z0-9._-]*$/,
        "write USER@REALM!NAME, such as watchkeeper@pbs!metrics",
      )
      .describe("Id of the API token, such as `watchkeeper@pbs!metrics`."),
    ...tokenSecretPair.fields,
  }),
);

/** {@link proxmoxBackupConfig}, parsed. */
export type ProxmoxBackupConfig = z.output<typeof proxmoxBackupConfig>;
