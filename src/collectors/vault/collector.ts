import { readFile } from "node:fs/promises";
import { seconds } from "../../core/duration.ts";
import { defineCollector } from "../../core/pack.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { callNode, vaultNode } from "./api.ts";
import { checkVault } from "./check.ts";
import { anyNode, type VaultClient } from "./client.ts";
import { vaultConfig, type VaultConfig } from "./config.ts";
import { auditPart, haPart, leasesPart, raftPart, telemetryPart, tokenPart } from "./parts-authorized.ts";
import { healthPart, leaderPart, sealPart } from "./parts-public.ts";
import { VaultSession } from "./session.ts";

async function connect(config: VaultConfig): Promise<VaultClient> {
  const http = createHttpClient({
    ...(config.ca_file !== undefined && { ca: await readFile(config.ca_file, "utf8") }),
    ...(config.fingerprint !== undefined && { fingerprint: config.fingerprint }),
    ...(config.server_name !== undefined && { serverName: config.server_name }),
    timeouts: { connect: seconds(3), headers: seconds(5), total: seconds(5) },
  });
  const shared = { http, nodes: config.nodes.map(vaultNode), states: new Map(), session: undefined };
  if (config.auth === undefined) return shared;
  const session = new VaultSession(config.auth, (call, token) =>
    anyNode(shared, (node) => callNode(http, node, call, token)),
  );
  return { ...shared, session };
}

/** Reads Vault and OpenBao clusters. */
export const vaultCollector = defineCollector<VaultConfig, VaultClient>({
  id: "vault",
  title: "Vault and OpenBao",
  config: vaultConfig,
  parts: [healthPart, sealPart, leaderPart, haPart, raftPart, auditPart, leasesPart, telemetryPart, tokenPart],
  connect,
  async disconnect({ session, http }) {
    await session?.close();
    await http.close();
  },
  check: checkVault,
});
