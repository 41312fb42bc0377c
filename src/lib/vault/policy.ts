import type { VaultCall } from "./api.ts";
import { capabilitiesShape } from "./schema.ts";

/** A path of the API, without `/v1/`, and what a token's policies must allow on it. */
export interface VaultPermission {
  readonly path: string;
  readonly capabilities: readonly ("read" | "list" | "sudo")[];
}

/** Capabilities by path, as `sys/capabilities-self` tells them. */
export type GrantedCapabilities = Readonly<Record<string, readonly string[]>>;

/** Asks what the token of the call may do on the paths; the `default` policy allows to ask. */
export function capabilitiesCall(
  permissions: readonly VaultPermission[],
  signal: AbortSignal,
): VaultCall<GrantedCapabilities> {
  const paths = permissions.map(({ path }) => path);
  return { method: "POST", path: "sys/capabilities-self", body: { paths }, shape: capabilitiesShape, signal };
}

/** What the token lacks on the path; nothing of root's. */
export function missingCapabilities(
  { path, capabilities }: VaultPermission,
  granted: GrantedCapabilities,
): readonly string[] {
  const has = granted[path] ?? [];
  return has.includes("root") ? [] : capabilities.filter((capability) => !has.includes(capability));
}

/** One rule of a policy with its comment, whose lines begin with `#`, in Vault's policy language. */
export function policyRule({ path, capabilities }: VaultPermission, comment: string): string {
  const list = capabilities.map((capability) => JSON.stringify(capability)).join(", ");
  return `${comment}path "${path}" {\n  capabilities = [${list}]\n}\n`;
}
