import { z } from "zod";
import { targetFields, tlsFields } from "../../core/config-fields.ts";
import { vaultAuth, vaultNodes } from "../../lib/vault/auth.ts";

/** One Vault or OpenBao cluster of the configuration. */
export const vaultConfig = z.strictObject({
  ...targetFields,
  nodes: vaultNodes,
  ...tlsFields,
  auth: vaultAuth
    .optional()
    .describe("How to log in. Without it only health, seal status and leader are read, which need no token."),
});

/** {@link vaultConfig}, parsed. */
export type VaultConfig = z.output<typeof vaultConfig>;
