import { readFile } from "node:fs/promises";
import { CollectError } from "../../core/errors.ts";
import { readAuthorities } from "../../lib/http/login.ts";
import type { CertificatesConfig } from "./config.ts";
import { endpointAddress, type Endpoint } from "./endpoint.ts";
import { expiryOf } from "./expiry.ts";

type Entry = CertificatesConfig["endpoints"][number];

/** The endpoints of the configuration, with their files read. Throws `CollectError` when a file can not be used. */
export async function openEndpoints(entries: readonly Entry[]): Promise<readonly Endpoint[]> {
  const groups = await Promise.all(entries.map(openGroup));
  return groups.flat();
}

async function openGroup(entry: Entry): Promise<readonly Endpoint[]> {
  const expiry = expiryOf(entry);
  const { ca_file, client_certificate_file, client_key_file, proxy, stored_file } = entry;
  const ca = await readAuthorities(ca_file);
  const shared = {
    ...(ca !== undefined && { ca }),
    ...(client_certificate_file !== undefined &&
      client_key_file !== undefined && {
        client: { certificate: await read(client_certificate_file), key: await read(client_key_file) },
      }),
    ...(proxy !== undefined && { proxy: proxyAddress(proxy) }),
    ipProtocol: entry.ip_protocol,
    timeout: entry.timeout,
    ...(stored_file !== undefined && { storedFile: stored_file }),
    ...(expiry !== undefined && { expiry }),
  };
  return entry.urls.map((text) => {
    const address = endpointAddress(text);
    return { ...address, ...shared, serverName: entry.server_name ?? address.host };
  });
}

function proxyAddress(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(text);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? 80 : Number(port) };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    const why = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "it can not be read";
    throw new CollectError("credential_unreadable", `${path} is not usable: ${why}`, { cause: thrown });
  }
}
