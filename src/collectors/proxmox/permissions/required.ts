import { NoData } from "../../../core/errors.ts";
import type { ProxmoxClient } from "../client.ts";

/** Throws `NoData` that names the privilege when the token does not hold it on `/`. */
export async function requireOnRoot(client: ProxmoxClient, privilege: string, signal: AbortSignal): Promise<void> {
  const permissions = await client.permissions(signal);
  if (!permissions.holds(privilege, "/")) throw new NoData(`the token lacks ${privilege} on /`);
}

/** The online nodes on which the token holds the privilege. Throws `NoData` that names it when there is none. */
export async function nodesWith(
  client: ProxmoxClient,
  privilege: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const permissions = await client.permissions(signal);
  const { onlineNodes } = await client.inventory(signal);
  const permitted = onlineNodes.filter((node) => permissions.holds(privilege, `/nodes/${node}`));
  if (permitted.length === 0) throw new NoData(`the token lacks ${privilege} on /nodes`);
  return new Set(permitted);
}
