import { GARBAGE, type Dialogue, type StartTlsManner } from "./manner.ts";
import type { Wire } from "./wire.ts";

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL */
export const postgresDialogue: Dialogue = { begin: beginPostgres, farewell: postgresError() };

async function beginPostgres(wire: Wire, manner: StartTlsManner): Promise<boolean> {
  const request = await wire.bytes(SSL_REQUEST.length);
  if (manner === "hangs") return false;
  if (manner === "garbage") wire.write(GARBAGE);
  else if (!request.equals(SSL_REQUEST) || manner === "refused") wire.write(postgresError());
  else if (manner === "missing") wire.write("N");
  else wire.write(manner === "injects" ? Buffer.concat([Buffer.from("S"), postgresError()]) : "S");
  return manner === "offered" || manner === "injects";
}

function postgresError(): Buffer {
  const fields = Buffer.from("SFATAL\0C53300\0Msorry, too many clients already\0\0");
  const head = Buffer.alloc(5, "E");
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

const CLIENT_PROTOCOL_41 = 0x0200;
const CLIENT_SSL = 0x0800;
const CLIENT_SECURE_CONNECTION = 0x8000;
const CLIENT_PLUGIN_AUTH = 0x0008;
const SSL_REQUEST_LENGTH = 32;

/**
 * Source:
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 * and page_protocol_connection_phase_packets_protocol_ssl_request.html
 */
export const mysqlDialogue: Dialogue = { begin: beginMysql, farewell: packet(3, accessDenied()) };

async function beginMysql(wire: Wire, manner: StartTlsManner): Promise<boolean> {
  if (manner === "refused") wire.write(packet(0, mysqlError(1_040, "Too many connections")));
  else wire.write(manner === "garbage" ? GARBAGE : packet(0, mysqlGreeting(manner !== "missing")));
  if (manner === "injects") wire.write(packet(1, accessDenied()));
  if (manner === "refused" || manner === "garbage") return false;
  const head = await wire.bytes(4);
  const request = await wire.bytes(head.readUIntLE(0, 3));
  const wantsTls = request.length === SSL_REQUEST_LENGTH && (request.readUInt32LE() & CLIENT_SSL) !== 0;
  if (!wantsTls) wire.write(packet(2, accessDenied()));
  return wantsTls && (manner === "offered" || manner === "injects");
}

function mysqlGreeting(offersTls: boolean): Buffer {
  const low = CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | (offersTls ? CLIENT_SSL : 0);
  const rest = Buffer.alloc(18);
  rest.writeUInt16LE(low, 0);
  rest[2] = 0xff; // character set utf8mb4
  rest.writeUInt16LE(2, 3); // autocommit
  rest.writeUInt16LE(CLIENT_PLUGIN_AUTH, 5);
  rest[7] = 21; // length of the scramble
  return Buffer.concat([
    Buffer.of(10),
    Buffer.from("8.4.0-lab\0"),
    Buffer.from([42, 0, 0, 0]), // thread
    Buffer.from("scramble\0"),
    rest,
    Buffer.from("the-scramble\0"),
    Buffer.from("caching_sha2_password\0"),
  ]);
}

function accessDenied(): Buffer {
  return mysqlError(1_045, "Access denied");
}

function mysqlError(code: number, message: string): Buffer {
  const head = Buffer.alloc(3, 0xff);
  head.writeUInt16LE(code, 1);
  // without a state: that is only sent once the client has told that it knows protocol 4.1
  return Buffer.concat([head, Buffer.from(message)]);
}

function packet(number: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = number;
  return Buffer.concat([head, payload]);
}
