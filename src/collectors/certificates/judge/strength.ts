import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";

const MIN_RSA_BITS = 2048;
const MIN_EC_BITS = 224;

/** The checks `key` and `signature` of all the certificates together; one that can not be told is absent. */
export function strengthChecks(certificates: readonly Certificate[]): readonly CheckResult[] {
  if (certificates.length === 0) return [];
  const key = keyCheck(certificates);
  return key === undefined ? [signatureCheck(certificates)] : [key, signatureCheck(certificates)];
}

function keyCheck(certificates: readonly Certificate[]): CheckResult | undefined {
  const weak = certificates.map(weakness).find((reason) => reason !== undefined);
  if (weak !== undefined) return failed("key", weak);
  return certificates.every(isKnown) ? passed("key") : undefined;
}

function weakness({ key: { algorithm, bits } }: Certificate): "weak_rsa" | "weak_ec" | "weak_algorithm" | undefined {
  if (/^dsa/i.test(algorithm)) return "weak_algorithm";
  if (bits === undefined) return undefined;
  if (isRsa(algorithm) && bits < MIN_RSA_BITS) return "weak_rsa";
  return algorithm === "EC" && bits < MIN_EC_BITS ? "weak_ec" : undefined;
}

/** An algorithm without a choice of sizes is strong by itself. */
const isKnown = ({ key: { algorithm, bits } }: Certificate): boolean =>
  bits !== undefined || !(isRsa(algorithm) || algorithm === "EC");

const isRsa = (algorithm: string): boolean => /^rsa/i.test(algorithm);

function signatureCheck(certificates: readonly Certificate[]): CheckResult {
  // A root is trusted for being known, not for its signature.
  const algorithms = certificates
    .filter(({ role }) => role !== "root")
    .map(({ signatureAlgorithm }) => signatureAlgorithm);
  if (algorithms.some((algorithm) => MD.test(algorithm))) return failed("signature", "weak_md5");
  return algorithms.some((algorithm) => SHA1.test(algorithm)) ? failed("signature", "weak_sha1") : passed("signature");
}

const MD = /md[245]/i;
/** `shaWithRSAEncryption` is SHA-0, which is weaker still. */
const SHA1 = /sha-?1(?!\d)|^shaWith/i;
