import type { Wire } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { notTheProtocol, turnedAway, withoutTls } from "./dialogue.ts";

/** Length 8 and the code 80877103. */
const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");
const ERROR_BYTES = 8_192;

/**
 * SSLRequest of PostgreSQL.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export const postgres: Dialogue = {
  begin: async (wire) => {
    wire.send(SSL_REQUEST);
    const answer = (await wire.bytes("the answer to SSLRequest", 1)).toString("latin1");
    if (answer === "S") return;
    if (answer === "N") throw withoutTls('the server answers SSLRequest with "N": its TLS is off');
    if (answer === "E") throw turnedAway(await readError(wire));
    throw notTheProtocol("PostgreSQL", "the answer to SSLRequest", answer);
  },
};

/**
 * The message of an error response whose first byte is read: fields of a letter and a text that ends with a zero byte.
 */
async function readError(wire: Wire): Promise<string> {
  const what = "the error of the server";
  const head = await wire.bytes(what, 4);
  const length = head.readUInt32BE();
  // servers before 7.4 send the bare text
  if (length < 4 || length > ERROR_BYTES) throw notTheProtocol("PostgreSQL", what, Buffer.from([0x45, ...head]));
  const fields = (await wire.bytes(what, length - 4)).toString("latin1").split("\0");
  return fields.find((field) => field.startsWith("M"))?.slice(1) ?? "";
}
