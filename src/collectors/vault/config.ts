import { z } from "zod";
import { fileField, secretPair, targetFields, tlsFields, urlField } from "../../core/config-fields.ts";

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

const auth = z.discriminatedUnion("method", [
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

/** One Vault or OpenBao cluster of the configuration. */
export const vaultConfig = z.strictObject({
  ...targetFields,
  nodes: z
    .array(urlField())
    .min(1, "must list at least one node")
    .refine((urls) => new Set(urls).size === urls.length, "must not list a node twice")
    .describe("URL of every node of the cluster, each by its own address and not that of a load balancer."),
  ...tlsFields,
  auth: auth
    .optional()
    .describe("How to log in. Without it only health, seal status and leader are read, which need no token."),
});

/** {@link vaultConfig}, parsed. */
export type VaultConfig = z.output<typeof vaultConfig>;

/** How to log in. */
export type VaultAuth = NonNullable<VaultConfig["auth"]>;
