import { createHttpClient, type HttpClient, type HttpClientOptions } from "../../lib/http/client.ts";
import { readAuthorities } from "../../lib/http/login.ts";
import type { CertificatesConfig } from "./config.ts";

type Entry = Pick<CertificatesConfig["urls"][number], "ca_file" | "fingerprint" | "server_name">;

/**
 * The client of one entry of the configuration, within bounds of its own. Throws `CollectError` when its `ca_file` can
 * not be read.
 */
export async function openHttp(
  { ca_file, fingerprint, server_name }: Entry,
  bounds: Required<Pick<HttpClientOptions, "timeouts" | "maxBodyBytes">>,
): Promise<HttpClient> {
  return createHttpClient({ ca: await readAuthorities(ca_file), fingerprint, serverName: server_name, ...bounds });
}
