import { GARBAGE, type Dialogue, type StartTlsManner } from "./manner.ts";
import type { Wire } from "./wire.ts";

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'" +
  " id='lab' from='xmpp.lab.test' version='1.0'>";
const NAMESPACE = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'";
const LOGINS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>";

/** Source: RFC 6120 section 5.4. */
export const xmppDialogue: Dialogue = { begin, farewell: "</stream:stream>" };

async function begin(wire: Wire, manner: StartTlsManner): Promise<boolean> {
  await wire.until(/<stream:stream[^>]*>/);
  if (manner === "garbage") {
    wire.write(GARBAGE);
    return false;
  }
  const offer = manner === "missing" ? "" : `<starttls ${NAMESPACE}><required/></starttls>`;
  wire.write(`${HEADER}<stream:features>${offer}${LOGINS}</stream:features>`);
  await wire.until(/<starttls[^>]*(?:\/>|>\s*<\/starttls>)/);
  if (manner === "hangs") return false;
  if (manner === "missing" || manner === "refused") {
    wire.write(`<failure ${NAMESPACE}/></stream:stream>`);
    wire.end();
    return false;
  }
  wire.write(`<proceed ${NAMESPACE}/>${manner === "injects" ? "<message/>" : ""}`);
  return true;
}
