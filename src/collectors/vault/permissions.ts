import type { Finding, MetricTable } from "../../core/pack.ts";
import type { Metric } from "../../core/metric.ts";
import { callCluster, type VaultClient } from "./client.ts";
import { audit, ha, leases, raft, telemetry } from "./metrics.ts";
import { capabilitiesShape } from "./schema.ts";

/** A path that the collector reads, what Vault asks for it, and the metrics that stay absent without it. */
interface Permission {
  readonly path: string;
  readonly capabilities: readonly ("read" | "sudo")[];
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
  const rules = PERMISSIONS.map(({ path, capabilities, hides }) => {
    const names = hides.map(({ name }) => `#   ${name}\n`).join("");
    return `# Without it these stay absent:\n${names}path "${path}" {\n  capabilities = ${JSON.stringify(capabilities).replaceAll(",", ", ")}\n}\n`;
  });
  return `# What Watchkeeper reads of Vault or OpenBao, and nothing else. The \`default\` policy adds its token's own lookup and renewal.\n# Written by \`watchkeeper generate\`.\n\n${rules.join("\n")}`;
}

/** Asks Vault which of the permissions the token has. */
export async function checkPermissions(client: VaultClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const paths = PERMISSIONS.map(({ path }) => path);
  const call = {
    method: "POST",
    path: "sys/capabilities-self",
    body: { paths },
    shape: capabilitiesShape,
    signal,
  } as const;
  const granted = await callCluster(client, call);
  return PERMISSIONS.map(({ path, capabilities, hides }) => {
    const has = granted[path] ?? [];
    const missing = has.includes("root") ? [] : capabilities.filter((capability) => !has.includes(capability));
    const subject = `permission ${path}`;
    if (missing.length === 0) return { subject, ok: true, message: "granted" };
    const message = `the token lacks ${missing.join(" and ")}; add it to its policy, as in deploy/vault/watchkeeper-policy.hcl`;
    return { subject, ok: false, message, hides: hides.map(({ name }) => name) };
  });
}
