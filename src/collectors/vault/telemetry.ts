import { CollectError, NoData } from "../../core/errors.ts";
import { HttpStatusError } from "../../lib/http/client.ts";
import type { Secret } from "../../core/secret.ts";
import { inVaultWords, type VaultNode } from "../../lib/vault/api.ts";
import { askHealth } from "./health.ts";
import type { VaultClient } from "./client.ts";

/** What the active node counts, by the metric's name. */
export interface Telemetry {
  readonly node: string;
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Reads the active node's own metrics: the sum of each name's series. Standbys are not asked, because Vault's do not
 * answer and OpenBao's count no leases. Throws `NoData` where telemetry is off.
 * Source: https://developer.hashicorp.com/vault/docs/internals/telemetry/enable-telemetry
 */
export async function readTelemetry(client: VaultClient, signal: AbortSignal): Promise<Telemetry> {
  const { session, http } = client;
  if (session === undefined) throw new NoData("no login is configured");
  const active = activeNode(client) ?? (await askForActive(client, signal));
  const url = `${active.url}/v1/sys/metrics?format=prometheus`;
  const text = await session.authorized(signal, async (token: Secret) => {
    try {
      return (await http.request({ url, signal, headers: { "X-Vault-Token": token } })).text;
    } catch (thrown) {
      if (isTelemetryOff(thrown))
        throw new NoData("telemetry is off: set prometheus_retention_time in its configuration");
      throw inVaultWords(thrown);
    }
  });
  const sums = sumByName(text);
  if (sums.size === 0)
    throw new CollectError("unexpected_shape", `GET ${active.url}/v1/sys/metrics: holds no metric of Vault`);
  return { node: active.name, values: sums };
}

const activeNode = ({ nodes, states }: VaultClient): VaultNode | undefined =>
  nodes.find(({ name }) => states.get(name) === "active");

/** The first poll of the health part may not have ended yet. */
async function askForActive(client: VaultClient, signal: AbortSignal): Promise<VaultNode> {
  const asked = await Promise.allSettled(client.nodes.map((node) => askHealth(client, node, signal)));
  const active = activeNode(client);
  if (active !== undefined) return active;
  // who did not answer may be the one
  for (const answer of asked) if (answer.status === "rejected") throw answer.reason;
  throw new CollectError("no_leader", "no node of the configuration calls itself active");
}

/** OpenBao says so in plain text, and every other 400 of this path in a list of errors. */
const isTelemetryOff = (thrown: unknown): boolean =>
  thrown instanceof HttpStatusError && thrown.status === 400 && thrown.body === undefined;

function sumByName(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, name = "", value] of text.matchAll(/^(vault_\w+)(?:\{.*\})? ([^ \n]+)/gm)) {
    const number = Number(value);
    if (!Number.isNaN(number)) sums.set(name, (sums.get(name) ?? 0) + number);
  }
  return sums;
}
