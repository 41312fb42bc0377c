import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Authority } from "../../src/lab/certificates.ts";

/** How to start a cluster. */
export interface OpenBaoOptions {
  /** 3 unless told otherwise. */
  readonly nodes?: number;
  /** A file audit device, writing to `audit.log` in each node's folder; there is one unless told otherwise. */
  readonly audit?: boolean;
  /** `sys/metrics?format=prometheus`; there is one unless told otherwise. */
  readonly telemetry?: boolean;
  /** Lets every node give its metrics without a token; they ask for one unless told otherwise. */
  readonly unauthenticatedMetrics?: boolean;
}

/**
 * Where one node keeps its files and listens on 127.0.0.1, and the API address of the node it joins; the first joins
 * none.
 */
export interface NodePlace {
  readonly id: string;
  readonly folder: string;
  readonly apiPort: number;
  readonly clusterPort: number;
  readonly joins?: string;
}

/** Writes a node's certificate and configuration, and returns the path of the latter. */
export async function writeNodeFiles(place: NodePlace, authority: Authority, options: OpenBaoOptions): Promise<string> {
  const { id, folder } = place;
  await mkdir(join(folder, "data"), { recursive: true });
  const { certificatePem, keyPem } = await authority.issue({ hosts: ["127.0.0.1", "localhost", id] });
  await writeFile(join(folder, "ca.pem"), authority.certificatePem);
  await writeFile(join(folder, "tls.crt"), certificatePem);
  await writeFile(join(folder, "tls.key"), keyPem, { mode: 0o600 });
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(nodeConfig(place, options), undefined, 2));
  return file;
}

// https://openbao.org/docs/configuration/, in its JSON form
function nodeConfig(
  place: NodePlace,
  { audit = true, telemetry = true, unauthenticatedMetrics = false }: OpenBaoOptions,
): object {
  const { id, folder, apiPort, clusterPort, joins } = place;
  return {
    storage: {
      raft: {
        path: join(folder, "data"),
        node_id: id,
        // Intervals for a test: elections and promotions take a second, by default ten.
        performance_multiplier: 1,
        autopilot_update_interval: "500ms",
        autopilot_reconcile_interval: "1s",
        ...(joins !== undefined && {
          retry_join: [{ leader_api_addr: joins, leader_ca_cert_file: join(folder, "ca.pem") }],
        }),
      },
    },
    listener: [
      {
        tcp: {
          address: `127.0.0.1:${apiPort}`,
          cluster_address: `127.0.0.1:${clusterPort}`,
          tls_cert_file: join(folder, "tls.crt"),
          tls_key_file: join(folder, "tls.key"),
          telemetry: { unauthenticated_metrics_access: unauthenticatedMetrics },
        },
      },
    ],
    api_addr: `https://127.0.0.1:${apiPort}`,
    cluster_addr: `https://127.0.0.1:${clusterPort}`,
    // Options that are not the same on all nodes would keep the standbys from ever becoming active, so the path is
    // relative.
    ...(audit && { audit: [{ type: "file", path: "file", options: { file_path: "audit.log" } }] }),
    ...(telemetry && { telemetry: { prometheus_retention_time: "24h", disable_hostname: true } }),
  };
}
