import { failed, passed, type CheckResult } from "../checks.ts";
import type { ServedTls } from "../endpoint.ts";

/** The checks `protocol` and `cipher`; a name that is not known gives none. */
export function sessionChecks({ version, cipher }: Pick<ServedTls, "version" | "cipher">): readonly CheckResult[] {
  return [protocolCheck(version), cipherCheck(cipher)].filter((check) => check !== undefined);
}

function protocolCheck(version: string): CheckResult | undefined {
  if (/^TLS 1\.[23]$/.test(version)) return passed("protocol");
  return /^(?:TLS 1\.[01]|SSL.*)$/.test(version) ? failed("protocol", "old_version") : undefined;
}

const WEAK = /_(?:RC4|RC2|DES|DES40|3DES|NULL|EXPORT|EXPORT1024|anon)(?:_|$)/i;
/** Key exchanges whose keys are those of the certificate or shared for long. */
const STATIC = /^TLS_(?:RSA|DH_RSA|DH_DSS|ECDH_RSA|ECDH_ECDSA|PSK|RSA_PSK|KRB5)_WITH_/;

function cipherCheck(cipher: string): CheckResult | undefined {
  if (!cipher.startsWith("TLS_")) return undefined;
  if (WEAK.test(cipher)) return failed("cipher", "weak_cipher");
  return STATIC.test(cipher) ? failed("cipher", "no_forward_secrecy") : passed("cipher");
}
