import type { Wire } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { notTheProtocol, turnedAway, withoutTls } from "./dialogue.ts";

const HANDSHAKE_V10 = 0x0a;
const ERROR = 0xff;
const OK = 0x00;
const SWITCH = 0xfe;

/** Bits of the capabilities. */
const PROTOCOL_41 = 0x0000_0200;
const SSL = 0x0000_0800;
const SECURE_CONNECTION = 0x0000_8000;
const PLUGIN_AUTH = 0x0008_0000;
const OURS = PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;

const MAX_PACKET = 0x0100_0000;
/** Far more than a greeting or the answer to a login ever takes. */
const MOST_BYTES = 16_384;
const UTF8MB4 = 45;
/** A name that a server's log shows, and that no account should have. */
const USER = "watchkeeper";
const QUIT = Buffer.of(0x01);

/**
 * The TLS exchange of MySQL and MariaDB. A server counts connections that end before the login is answered, and shuts
 * out the whole machine after 100 of them in a row (max_connect_errors); one with a refused login is not counted. So
 * each ends with a login, which has no password.
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
 */
export const mysql: Dialogue = {
  begin: async (wire) => {
    const greeting = await readPacket(wire, "the greeting");
    if (greeting.payload[0] === ERROR) throw turnedAway(errorText(greeting.payload));
    if ((capabilities(greeting.payload) & SSL) === 0) {
      await logIn(wire, OURS, greeting.sequence + 1);
      throw withoutTls("the server offers none, its TLS is off or has no certificate");
    }
    wire.send(packet(1, loginHead(OURS | SSL)));
  },
  leave: (wire) => logIn(wire, OURS | SSL, 2),
};

interface Packet {
  readonly sequence: number;
  readonly payload: Buffer;
}

async function readPacket(wire: Wire, what: string): Promise<Packet> {
  const head = await wire.bytes(what, 4);
  const length = head.readUIntLE(0, 3);
  // the first letters of another protocol would be a packet of megabytes, and be waited for until the deadline
  if (length > MOST_BYTES) throw notTheProtocol("MySQL", what, head);
  const payload = await wire.bytes(what, length);
  return { sequence: head[3] ?? 0, payload };
}

/** Those of a greeting of version 10, which is what every server since 3.21 sends. */
function capabilities(greeting: Buffer): number {
  // the version's text, a zero byte, 4 bytes of the connection's number, 8 of a challenge and a zero byte come before
  const end = greeting.indexOf(0, 1);
  const at = end + 14;
  if (greeting[0] !== HANDSHAKE_V10 || end === -1 || greeting.length < at + 2)
    throw notTheProtocol("MySQL", "the greeting", greeting);
  return greeting.readUInt16LE(at);
}

/** The text of an error packet, whose code stands before it: `1129 Host ... is blocked`. */
function errorText(payload: Buffer): string {
  if (payload.length < 3) return "";
  const text = payload.toString("latin1", 3).replace(/^#.{5}/, "");
  return `${payload.readUInt16LE(1)} ${text}`;
}

async function logIn(wire: Wire, flags: number, sequence: number): Promise<void> {
  const what = "the answer to a login";
  // the name, no password, and the plugin that would check it
  const rest = Buffer.from(`${USER}\0\0mysql_native_password\0`, "latin1");
  wire.send(packet(sequence, Buffer.concat([loginHead(flags), rest])));
  let answer = await readPacket(wire, what);
  if (answer.payload[0] === SWITCH) {
    // how no password is written depends on the plugin that the server wants instead
    const isSha = /^(?:caching_sha2|sha256)_password\0/.test(answer.payload.toString("latin1", 1));
    wire.send(packet(answer.sequence + 1, isSha ? Buffer.of(0) : Buffer.alloc(0)));
    answer = await readPacket(wire, what);
  }
  if (answer.payload[0] === OK) wire.send(packet(0, QUIT));
}

/** The part that the request for TLS and a login have in common. */
function loginHead(flags: number): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags);
  head.writeUInt32LE(MAX_PACKET, 4);
  head[8] = UTF8MB4;
  return head;
}

function packet(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence & 0xff;
  return Buffer.concat([head, payload]);
}
