import { z } from "zod";
import { asCollectError, type CollectReason } from "../../core/errors.ts";
import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import { readShownCertificate } from "../../lib/http/shown-certificate.ts";
import type { ProxmoxClient } from "./client.ts";
import { EVERYTHING, checkPermissions } from "./permissions.ts";
import { looseText } from "../../lib/answers/loose-shapes.ts";

const versionShape = z.object({ version: looseText });

/** Failures by which a server shows that it was reached. */
const REACHED: ReadonlySet<CollectReason> = new Set<CollectReason>(["unauthorized", "forbidden"]);

/**
 * Whether each server of the configuration answers, whether the token is accepted, and what each missing right hides.
 */
export async function checkProxmox(client: ProxmoxClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const servers = await Promise.all(client.servers.map((server) => checkServer(client, server, signal)));
  // the token's own line needs one that answers
  if (servers.every(({ ok }) => !ok)) return servers;
  return [...servers, ...(await checkToken(client, signal))];
}

async function checkServer(client: ProxmoxClient, server: string, signal: AbortSignal): Promise<Finding> {
  const subject = `node ${new URL(server).host}`;
  try {
    const { version } = await client.askServer(server, { path: "version", shape: versionShape, signal });
    return { subject, ok: true, message: `reachable${version === undefined ? "" : `, version ${version}`}` };
  } catch (thrown) {
    const { reason } = asCollectError(thrown);
    if (REACHED.has(reason)) return { subject, ok: true, message: "reachable" };
    const finding = failedFinding(subject, thrown);
    if (reason !== "tls_untrusted") return finding;
    return { ...finding, message: `${finding.message}${await describeCertificate(client, server, signal)}` };
  }
}

/** Who trusts a fingerprint that came over the very connection in doubt has checked nothing. */
async function describeCertificate(client: ProxmoxClient, server: string, signal: AbortSignal): Promise<string> {
  const { server_name: serverName } = client.config;
  const shown = await readShownCertificate({ url: server, serverName, signal }).catch(() => undefined);
  if (shown === undefined) return "";
  return ` The authority of a cluster is /etc/pve/pve-root-ca.pem. The certificate seen has the SHA-256 ${shown.fingerprint256}: compare it on the node with \`pvenode cert info\` first.`;
}

async function checkToken(client: ProxmoxClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = `token ${client.config.token_id}`;
  try {
    const permissions = await checkPermissions(client, signal);
    return [{ subject, ok: true, message: "accepted" }, ...permissions];
  } catch (thrown) {
    return [{ ...failedFinding(subject, thrown), hides: EVERYTHING.map(({ name }) => name) }];
  }
}
