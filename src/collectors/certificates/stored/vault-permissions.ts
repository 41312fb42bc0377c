import { CollectError } from "../../../core/errors.ts";
import { policyRule, type VaultPermission } from "../../../lib/vault/policy.ts";

/** Path of the policy that is shipped. */
export const PKI_POLICY_FILE = "deploy/vault/watchkeeper-pki-policy.hcl";

/** A path below a mount that needs a token, and what is not known without it. */
interface PkiPermission {
  readonly below: string;
  readonly capability: "read" | "list";
  readonly hides: string;
  /** Asked for only where the issued certificates are read. */
  readonly ofListed: boolean;
}

/** Everything that a token may do on a mount; issuers and revocation lists need none. */
export const PKI_PERMISSIONS = {
  crlConfig: {
    below: "config/crl",
    capability: "read",
    hides: "delta revocation lists, and whether the mount makes revocation lists at all",
    ofListed: false,
  },
  certs: { below: "certs", capability: "list", hides: "the issued certificates", ofListed: true },
  revoked: {
    below: "certs/revoked",
    capability: "list",
    hides: "which issued certificates were revoked since they were first read",
    ofListed: true,
  },
  detailed: {
    below: "certs/detailed",
    capability: "list",
    hides: "which issued certificates ended long ago before each of them was read (only OpenBao tells it)",
    ofListed: true,
  },
} as const satisfies Record<string, PkiPermission>;

const ALL: readonly PkiPermission[] = Object.values(PKI_PERMISSIONS);

/** What a token needs for the mounts, by Vault's paths. */
export function pkiPermissions(
  mounts: readonly string[],
  isListed: boolean,
): readonly (VaultPermission & { readonly hides: string })[] {
  const wanted = ALL.filter(({ ofListed }) => isListed || !ofListed);
  return mounts.flatMap((mount) =>
    wanted.map(({ below, capability, hides }) => ({ path: `${mount}/${below}`, capabilities: [capability], hides })),
  );
}

/** What a person is told whose token lacks something on the path. */
export const lacking = (capabilities: readonly string[]): string =>
  `the token lacks ${capabilities.join(" and ")}; add it to its policy, as in ${PKI_POLICY_FILE}`;

/** A refusal of a path of the table, told by what the token lacks; anything else as it is. */
export function withCapability(
  thrown: unknown,
  mount: string,
  { below, capability }: Pick<PkiPermission, "below" | "capability">,
): unknown {
  if (!(thrown instanceof CollectError) || thrown.reason !== "forbidden") return thrown;
  return new CollectError("forbidden", `${mount}/${below}: ${lacking([capability])}`, { cause: thrown });
}

/** The least policy for one mount, `pki`, in Vault's policy language. */
export function renderPkiPolicy(): string {
  const rules = ALL.map(({ below, capability, hides }) =>
    policyRule({ path: `pki/${below}`, capabilities: [capability] }, `# Without it is not known: ${hides}.\n`),
  );
  return [
    "# What Watchkeeper reads of a PKI secrets engine that is mounted at pki/: repeat the rules for each other mount. Issuers and",
    "# revocation lists need no token. The `default` policy adds its token's own lookup and renewal.",
    "# Written by `watchkeeper generate`.",
    "",
    rules.join("\n"),
  ].join("\n");
}
