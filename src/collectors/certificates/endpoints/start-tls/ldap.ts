import { Der, DerError, TAG } from "../../x509/der.ts";
import type { Take } from "../wire.ts";
import { excerpt } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { notTheProtocol, turnedAway, withoutTls } from "./dialogue.ts";

/** Message 1: an extended request (application tag 23) with nothing but the name of StartTLS. */
const START_TLS = Buffer.concat([Buffer.from("301d02010177188016", "hex"), Buffer.from("1.3.6.1.4.1.1466.20037")]);
/** Message 2: an unbind request (application tag 2). */
const UNBIND = Buffer.from("30050201024200", "hex");

const EXTENDED_RESPONSE = 0x78;
const ANSWER = "the answer to StartTLS";

/** Results that servers give, with what they mean here. */
const RESULTS: Readonly<Record<number, string>> = {
  1: " (operationsError)",
  2: " (protocolError: it does not know StartTLS)",
  51: " (busy)",
  52: " (unavailable: it has no certificate, or its TLS is off)",
  53: " (unwillingToPerform)",
};

/** StartTLS of LDAP. Source: https://www.rfc-editor.org/rfc/rfc4511 sections 4.12 and 4.14 */
export const ldap: Dialogue = {
  begin: async (wire) => {
    wire.send(START_TLS);
    const { id, result, diagnostic } = parse(await wire.read(ANSWER, takeMessage));
    // message 0 is the notice of disconnection (section 4.4.1)
    if (id === 0) throw turnedAway(diagnostic);
    if (result === 0) return;
    throw withoutTls(
      `the server refuses StartTLS with result ${result}${RESULTS[result] ?? ""}: ${excerpt(diagnostic)}`,
    );
  },
  farewell: UNBIND,
};

interface ExtendedResponse {
  readonly id: number;
  readonly result: number;
  /** Latin-1. */
  readonly diagnostic: string;
}

function parse(message: Buffer): ExtendedResponse {
  try {
    const parts = Der.at(message).children();
    const id = last(parts.next(TAG.integer));
    const response = parts.next(EXTENDED_RESPONSE).children();
    const result = last(response.next(TAG.enumerated));
    response.next(TAG.octetString);
    return { id, result, diagnostic: Buffer.from(response.next(TAG.octetString).content).toString("latin1") };
  } catch (thrown) {
    if (thrown instanceof DerError) throw notTheProtocol("LDAP", ANSWER, message);
    throw thrown;
  }
}

/** The value of a number below 256. */
const last = (number: Der): number => number.content.at(-1) ?? 0;

/** One whole message. LDAP has definite lengths only (section 5.1). */
const takeMessage: Take<Buffer> = (bytes) => {
  const [tag, first] = bytes;
  if (tag === undefined) return undefined;
  if (tag !== TAG.sequence || first === 0x80 || (first !== undefined && first > 0x84))
    throw notTheProtocol("LDAP", ANSWER, bytes);
  const lengthBytes = first === undefined || first < 0x80 ? 0 : first & 0x7f;
  if (first === undefined || bytes.length < 2 + lengthBytes) return undefined;
  const length = 2 + lengthBytes + (lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes));
  return bytes.length < length ? undefined : { value: bytes.subarray(0, length), length };
};
