import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import type { BackupClient } from "./client.ts";
import { datastores, groups, jobs, server, subscription, tasks } from "./metrics.ts";
import { checkPermissions } from "./permissions.ts";
import { pingShape, versionShape } from "./schema.ts";

const { up: _, ...withToken } = server;
const needToken = [withToken, datastores, jobs, groups, tasks, subscription].flatMap((table) => Object.values(table));

/** Whether the server answers, whether it takes the token, and what each missing permission hides. */
export async function checkProxmoxBackup(client: BackupClient, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    await client.call({ path: "ping", shape: pingShape, signal, anonymous: true });
  } catch (thrown) {
    return [failedFinding("server", thrown)];
  }
  return [{ subject: "server", ok: true, message: "reachable" }, ...(await checkToken(client, signal))];
}

async function checkToken(client: BackupClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = "token";
  try {
    const { version } = await client.call({ path: "version", shape: versionShape, signal });
    const message = `accepted; the server has version ${version}`;
    return [{ subject, ok: true, message }, ...(await checkPermissions(client, signal))];
  } catch (thrown) {
    return [{ ...failedFinding(subject, thrown), hides: needToken.map(({ name }) => name) }];
  }
}
