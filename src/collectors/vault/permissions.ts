import type { Finding, MetricTable } from "../../core/pack.ts";
import type { Metric } from "../../core/metric.ts";
import { capabilitiesCall, missingCapabilities, policyRule, type VaultPermission } from "../../lib/vault/policy.ts";
import { callCluster, type VaultClient } from "./client.ts";
import { audit, ha, leases, raft, telemetry } from "./metrics.ts";

/** A path that the collector reads, what Vault asks for it, and the metrics that stay absent without it. */
interface Permission extends VaultPermission {
  readonly hides: readonly Metric[];
}

const all = (table: MetricTable): readonly Metric[] => Object.values(table);
const { servers, voters, peerVoter, peerLeader, nodeIsPeer, lastContactThreshold, maxTrailingLogs, ...autopilot } =
  raft;

/** Everything that the pack's token may do; the policy file is made from it. */
export const PERMISSIONS: readonly Permission[] = [
  { path: "sys/ha-status", capabilities: ["read"], hides: [...all(ha), nodeIsPeer] },
  {
    path: "sys/storage/raft/configuration",
    capabilities: ["read"],
    hides: [servers, voters, peerVoter, peerLeader, nodeIsPeer, ...all(autopilot)],
  },
  { path: "sys/storage/raft/autopilot/state", capabilities: ["read"], hides: all(autopilot) },
  {
    path: "sys/storage/raft/autopilot/configuration",
    capabilities: ["read"],
    hides: [lastContactThreshold, maxTrailingLogs],
  },
  { path: "sys/audit", capabilities: ["read", "sudo"], hides: all(audit) },
  { path: "sys/leases/count", capabilities: ["read"], hides: all(leases) },
  { path: "sys/metrics", capabilities: ["read"], hides: all(telemetry) },
];

/** The least policy that shows everything, in Vault's policy language. */
export function renderPolicy(): string {
  const rules = PERMISSIONS.map(({ hides, ...permission }) => {
    const names = hides.map(({ name }) => `#   ${name}\n`).join("");
    return policyRule(permission, `# Without it these stay absent:\n${names}`);
  });
  return `# What Watchkeeper reads of Vault or OpenBao, and nothing else. The \`default\` policy adds its token's own lookup and renewal.\n# Written by \`watchkeeper generate\`.\n\n${rules.join("\n")}`;
}

/** Asks Vault which of the permissions the token has. */
export async function checkPermissions(client: VaultClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const granted = await callCluster(client, capabilitiesCall(PERMISSIONS, signal));
  return PERMISSIONS.map(({ hides, ...permission }) => {
    const missing = missingCapabilities(permission, granted);
    const subject = `permission ${permission.path}`;
    if (missing.length === 0) return { subject, ok: true, message: "granted" };
    const message = `the token lacks ${missing.join(" and ")}; add it to its policy, as in deploy/vault/watchkeeper-policy.hcl`;
    return { subject, ok: false, message, hides: hides.map(({ name }) => name) };
  });
}
