import type { Certificate } from "../certificate.ts";

/**
 * By which an ACME authority knows a certificate; undefined when the certificate does not say which key signed it.
 * Source: https://www.rfc-editor.org/rfc/rfc9773#section-4.1
 */
export function renewalId({ authorityKeyId, serialNumber }: RenewalIdFacts): string | undefined {
  if (authorityKeyId === undefined) return undefined;
  const key = Buffer.from(authorityKeyId, "hex").toString("base64url");
  return `${key}.${derInteger(BigInt(serialNumber)).toString("base64url")}`;
}

/** What of a certificate its {@link renewalId} is made of. */
export type RenewalIdFacts = Pick<Certificate, "authorityKeyId" | "serialNumber">;

/**
 * The content of an INTEGER as DER has it: the fewest bytes of two's complement, so a leading 00 where the top bit is
 * set.
 */
function derInteger(value: bigint): Buffer {
  let bits = 8;
  while (BigInt.asIntN(bits, value) !== value) bits += 8;
  const digits = BigInt.asUintN(bits, value).toString(16);
  return Buffer.from(digits.padStart(bits / 4, "0"), "hex");
}
