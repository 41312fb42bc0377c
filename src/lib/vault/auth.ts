import { z } from "zod";
import { fileField, secretPair, urlField } from "../../core/config-fields.ts";

const mount = (usual: string) =>
  z
    .string()
    .regex(/^[^\s?#]+$/, "must be the path of an auth mount, such as approle")
    .transform((path) => path.replace(/^\/+|\/+$/g, ""))
    .prefault(usual)
    .describe("Path at which the auth method is mounted.");

/** The two secrets of a login: hand `source` of a login of that method to `readSecret`. */
export const tokenPair = secretPair("token", "The token itself.");
export const secretIdPair = secretPair("secret_id", "The role's secret id.");

/** How to log in, as the configuration has it. */
export const vaultAuth = z.discriminatedUnion("method", [
  tokenPair.exactlyOne(
    z.strictObject({
      method: z.literal("token").describe("A token that somebody else gives, such as Vault Agent's sink file."),
      ...tokenPair.fields,
    }),
  ),
  secretIdPair.exactlyOne(
    z.strictObject({
      method: z.literal("approle").describe("Log in with a role id and a secret id."),
      mount: mount("approle"),
      role_id: z.string().min(1).describe("The role's id."),
      ...secretIdPair.fields,
    }),
  ),
  z.strictObject({
    method: z.literal("kubernetes").describe("Log in with the pod's service account."),
    mount: mount("kubernetes"),
    role: z.string().min(1).describe("Name of the role in Vault."),
    jwt_file: fileField()
      .default("/var/run/secrets/kubernetes.io/serviceaccount/token")
      .describe("File of the service account's token; read anew at each login."),
  }),
]);

/** How to log in. */
export type VaultAuth = z.output<typeof vaultAuth>;

/** URL of every node of one cluster; a final slash is not part of it. */
export const vaultNodes = z
  .array(urlField())
  .min(1, "must list at least one node")
  .refine((urls) => new Set(urls).size === urls.length, "must not list a node twice")
  .describe("URL of every node of the cluster, each by its own address and not that of a load balancer.");
