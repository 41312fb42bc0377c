import { enumerated, integer, octets, sequence, value } from "../x509/der.ts";
import { GARBAGE, type Dialogue, type StartTlsManner } from "./manner.ts";
import type { Wire } from "./wire.ts";

const START_TLS = Buffer.from("1.3.6.1.4.1.1466.20037");
const EXTENDED_RESPONSE = 0x78;
const SUCCESS = 0;
const PROTOCOL_ERROR = 2;
const UNAVAILABLE = 52;

/** Source: RFC 4511 section 4.14. */
export const ldapDialogue: Dialogue = { begin, farewell: "" };

async function begin(wire: Wire, manner: StartTlsManner): Promise<boolean> {
  const head = await wire.bytes(2);
  const length = head[1] ?? 0;
  // a request to begin TLS is short, and so is the encoding of its length
  if (head[0] !== 0x30 || length >= 0x80) return false;
  const message = await wire.bytes(length);
  const wantsTls = message.includes(START_TLS);
  if (manner === "hangs") return false;
  const id = message.subarray(2, 2 + (message[1] ?? 0));
  wire.write(manner === "garbage" ? GARBAGE : answer(id, wantsTls ? manner : "missing"));
  return wantsTls && (manner === "offered" || manner === "injects");
}

function answer(id: Uint8Array, manner: StartTlsManner): Buffer {
  if (manner === "missing") return extendedResponse(id, PROTOCOL_ERROR, "unsupported extended operation");
  if (manner === "refused") return extendedResponse(id, UNAVAILABLE, "TLS is not available now");
  const ready = extendedResponse(id, SUCCESS, "");
  return manner === "injects" ? Buffer.concat([ready, extendedResponse(id, SUCCESS, "")]) : ready;
}

const extendedResponse = (id: Uint8Array, result: number, words: string): Buffer =>
  sequence(
    integer(id),
    value(
      EXTENDED_RESPONSE,
      enumerated(result),
      octets(Buffer.of()),
      octets(Buffer.from(words)),
      value(0x8a, START_TLS),
    ),
  );
