import { NoData } from "../../core/errors.ts";
import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import { callNode, type VaultNode } from "../../lib/vault/api.ts";
import type { VaultClient } from "./client.ts";
import { checkPermissions } from "./permissions.ts";
import { sealStatusShape } from "./schema.ts";
import { readTelemetry } from "./telemetry.ts";
import { ha, token, telemetry, raft, audit, leases } from "./metrics.ts";

const needToken = [ha, raft, audit, leases, telemetry, token].flatMap((table) => Object.values(table));

/** Whether each node answers, whether the login works, and what each missing permission hides. */
export async function checkVault(client: VaultClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const nodes = await Promise.all(client.nodes.map((node) => checkNode(client, node, signal)));
  return [...nodes, ...(await checkLogin(client, signal))];
}

async function checkNode(client: VaultClient, node: VaultNode, signal: AbortSignal): Promise<Finding> {
  const subject = `node ${node.name}`;
  try {
    const status = await callNode(client.http, node, { path: "sys/seal-status", shape: sealStatusShape, signal });
    return {
      subject,
      ok: true,
      message: `reachable${status.version === undefined ? "" : `, version ${status.version}`}`,
    };
  } catch (thrown) {
    return failedFinding(subject, thrown);
  }
}

async function checkLogin(client: VaultClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const hides = needToken.map(({ name }) => name);
  if (client.session === undefined) {
    return [{ subject: "login", ok: true, message: "none configured: what needs a token is not read", hides }];
  }
  try {
    const { creation_ttl, renewable } = await client.session.lookup(signal);
    const life = creation_ttl === 0 ? "never ends" : `lives ${creation_ttl} s, ${renewable ? "" : "not "}renewable`;
    const login: Finding = { subject: "login", ok: true, message: `accepted; the token ${life}` };
    return [login, ...(await checkPermissions(client, signal)), ...(await checkTelemetry(client, signal))];
  } catch (thrown) {
    return [{ ...failedFinding("login", thrown), hides }];
  }
}

/** Vault keeps its telemetry from everybody until its own configuration says otherwise, which no permission shows. */
async function checkTelemetry(client: VaultClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const hides = Object.values(telemetry).map(({ name }) => name);
  try {
    await readTelemetry(client, signal);
    return [];
  } catch (thrown) {
    // a missing permission has a line of its own
    if (!(thrown instanceof NoData)) return [];
    return [{ subject: "telemetry", ok: true, message: thrown.message, hides }];
  }
}
