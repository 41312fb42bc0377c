import { readFile } from "node:fs/promises";
import { seconds } from "../../core/duration.ts";
import { defineCollector } from "../../core/pack.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { readSecret } from "../../lib/secret-source.ts";
import { createCaller, SLOW } from "./api.ts";
import { checkProxmoxBackup } from "./check.ts";
import type { BackupClient } from "./client.ts";
import { proxmoxBackupConfig, tokenSecretPair, type ProxmoxBackupConfig } from "./config.ts";
import { GroupMemory } from "./group-memory.ts";
import { groupsPart } from "./parts/groups.ts";
import { datastoresPart, jobsPart } from "./parts/datastores.ts";
import { certificatePart, serverPart, subscriptionPart, tasksPart } from "./parts/server.ts";

async function connect(config: ProxmoxBackupConfig): Promise<BackupClient> {
  const http = createHttpClient({
    ...(config.ca_file !== undefined && { ca: await readFile(config.ca_file, "utf8") }),
    ...(config.fingerprint !== undefined && { fingerprint: config.fingerprint }),
    ...(config.server_name !== undefined && { serverName: config.server_name }),
    timeouts: { connect: seconds(5), headers: SLOW, total: SLOW },
  });
  const access = { http, url: config.url, tokenId: config.token_id };
  return {
    http,
    call: createCaller({ ...access, readSecret: () => readSecret(tokenSecretPair.source(config)) }),
    server: { url: config.url, serverName: config.server_name },
    finishedRuns: new Map(),
    verifiedAt: new Map(),
    groups: new GroupMemory(),
  };
}

/** Reads a Proxmox Backup Server. */
export const proxmoxBackupCollector = defineCollector<ProxmoxBackupConfig, BackupClient>({
  id: "proxmox-backup",
  title: "Proxmox Backup Server",
  config: proxmoxBackupConfig,
  parts: [serverPart, datastoresPart, jobsPart, groupsPart, tasksPart, subscriptionPart, certificatePart],
  connect,
  disconnect: ({ http }) => http.close(),
  check: checkProxmoxBackup,
});
