import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { Secret } from "../../core/secret.ts";
import type { PathFault } from "../../lib/documents/values.ts";
import { secureContextOptions } from "./https-options.ts";
import { PemError, readCertificates, readPrivateKey, readRoots } from "./pem.ts";
import { FileError, readTextFile } from "./read-file.ts";
import type { TlsSection } from "./schema.ts";
import { GROUPS, opensslCiphers } from "./tls-names.ts";
import type { TlsSettings } from "./web-config.ts";

/** Settings with the texts of all their files, or what makes them unusable. */
type TlsOutcome =
  { readonly settings: TlsSettings; readonly texts: readonly string[] } | { readonly faults: readonly PathFault[] };

const SECTION = "tls_server_config";

/** Reads the files of a `tls_server_config` and tries out what they hold; `webConfigFile` is where paths start. */
export async function loadTls(section: TlsSection, webConfigFile: string): Promise<TlsOutcome> {
  const folder = dirname(resolve(webConfigFile));
  const faults: PathFault[] = [];
  const read = async <T>(name: "cert" | "key" | "client_ca", parse: (pem: string) => T) => {
    const written = section[name];
    const file = section[`${name}_file`];
    try {
      const text = written instanceof Secret ? written.reveal() : written;
      const pem = text ?? (file === undefined ? undefined : await readTextFile(resolve(folder, file)));
      return pem === undefined ? undefined : { pem, value: parse(pem) };
    } catch (error) {
      if (!(error instanceof PemError || error instanceof FileError)) throw error;
      faults.push({ path: [SECTION, file === undefined ? name : `${name}_file`], message: error.message });
      return undefined;
    }
  };
  const certificate = await read("cert", readCertificates);
  const key = await read("key", readPrivateKey);
  const clientCa = await read("client_ca", readRoots);
  if (certificate === undefined || key === undefined || faults.length > 0) return { faults };
  if (!certificate.value[0].checkPrivateKey(key.value)) return { faults: [mismatch(section)] };

  const settings = settingsOf(section, certificate.pem, key.pem, clientCa?.pem);
  const refusal = tryOut(settings);
  if (refusal !== undefined) return { faults: [refusal] };
  return { settings, texts: [certificate.pem, key.pem, clientCa?.pem ?? ""] };
}

function mismatch(section: TlsSection): PathFault {
  const key = section.key_file === undefined ? "key" : "key_file";
  const message =
    "is not the key of the certificate; where the certificate comes with others, the server's own must be the first";
  return { path: [SECTION, key], message };
}

function settingsOf(section: TlsSection, certificate: string, key: string, clientCa: string | undefined): TlsSettings {
  const groups = section.curve_preferences.map((name) => GROUPS[name]);
  return {
    certificate,
    key: new Secret(key),
    clientCa,
    clientAuth: section.client_auth_type,
    clientAllowedSans: section.client_allowed_sans,
    minVersion: section.min_version,
    maxVersion: section.max_version,
    ciphers: opensslCiphers(section.cipher_suites),
    preferServerCiphers: section.prefer_server_cipher_suites,
    groups: groups.length > 0 ? groups : undefined,
  };
}

/** Makes what each connection would use, so that a refusal shows now and not at the first handshake. */
function tryOut(settings: TlsSettings): PathFault | undefined {
  try {
    createSecureContext(secureContextOptions(settings));
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return { path: [SECTION], message: `the TLS library refuses these settings together (${code})` };
  }
}
