import { createOpener, type OpenRecord } from "./tls13-records.ts";

/** What a server said up to its certificates, as it went over the wire. */
export interface ServerFlight {
  /** Number of the TLS version, such as 0x0304 for TLS 1.3; absent when no ServerHello came. */
  version?: number;
  /** Number of the cipher suite. */
  suite?: number;
  /** Encodings of the certificates in their order; absent when the message did not come or could not be read. */
  certificates?: readonly Buffer[];
  /** The encoding of the stapled OCSP answer. */
  ocsp?: Buffer;
  /** The server asked for a client certificate. */
  wantsClientCertificate: boolean;
}

const RECORD = { changeCipherSpec: 20, handshake: 22, application: 23 } as const;
const MESSAGE = { serverHello: 2, certificate: 11, certificateRequest: 13, serverHelloDone: 14, status: 22 } as const;
const EXTENSION = { statusRequest: 5, supportedVersions: 43 } as const;
const STATUS_OCSP = 1;
const TLS_1_3 = 0x0304;

/**
 * Reads the beginning of what a server sent, as far as it goes. `secret` is the server's handshake traffic secret,
 * which only TLS 1.3 needs. Never throws; what is cut off or wrong ends it.
 * Source: https://www.rfc-editor.org/rfc/rfc8446 sections 4 and 5, https://www.rfc-editor.org/rfc/rfc5246 sections 6
 * and 7
 */
export function readServerFlight(bytes: Buffer, secret: Buffer | undefined): ServerFlight {
  const flight: ServerFlight = { wantsClientCertificate: false };
  const messages = new Messages();
  let open: OpenRecord | undefined;
  try {
    for (const { header, payload } of records(bytes)) {
      if (header[0] === RECORD.handshake) messages.add(payload);
      else if (header[0] === RECORD.application) {
        open ??= secret === undefined ? undefined : createOpener(flight.suite ?? 0, secret);
        const inner = open?.(header, payload);
        if (inner?.type !== RECORD.handshake) break;
        messages.add(inner.content);
      } else if (header[0] !== RECORD.changeCipherSpec || flight.version !== TLS_1_3) break;
      if (readMessages(messages, flight)) return flight;
    }
    readCutOff(messages, flight);
  } catch {
    // as far as it goes: what was found before is right
  }
  return flight;
}

function* records(bytes: Buffer): Generator<{ header: Buffer; payload: Buffer }> {
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) return;
    yield { header: bytes.subarray(at, at + 5), payload: bytes.subarray(at + 5, end) };
    at = end;
  }
}

/** Handshake messages, which may share a record or be spread over several. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  next(): Message | undefined {
    const message = this.begun();
    if (message === undefined || message.isCutOff) return undefined;
    this.#rest = this.#rest.subarray(4 + message.body.length);
    return message;
  }

  /** The next one, which may not be there to its end. */
  begun(): Message | undefined {
    const [type] = this.#rest;
    if (type === undefined || this.#rest.length < 4) return undefined;
    const end = 4 + this.#rest.readUIntBE(1, 3);
    return { type, body: this.#rest.subarray(4, end), isCutOff: end > this.#rest.length };
  }
}

interface Message {
  readonly type: number;
  readonly body: Buffer;
  readonly isCutOff: boolean;
}

/** Whether nothing more of interest comes. */
function readMessages(messages: Messages, flight: ServerFlight): boolean {
  for (let message = messages.next(); message !== undefined; message = messages.next()) {
    const { type, body } = message;
    if (type === MESSAGE.serverHello) readServerHello(body, flight);
    else if (type === MESSAGE.certificate) readCertificates(body, flight);
    else if (type === MESSAGE.certificateRequest) flight.wantsClientCertificate = true;
    else if (type === MESSAGE.status) readStatus(body, flight);
    const isLast = type === (flight.version === TLS_1_3 ? MESSAGE.certificate : MESSAGE.serverHelloDone);
    if (isLast) return true;
  }
  return false;
}

/** A chain so long that the session was given up in its middle: its first certificates are there all the same. */
function readCutOff(messages: Messages, flight: ServerFlight): void {
  const message = messages.begun();
  if (message?.type === MESSAGE.certificate) readCertificates(message.body, flight);
}

/** A HelloRetryRequest looks the same, and what it says is said again by the ServerHello after it. */
function readServerHello(body: Buffer, flight: ServerFlight): void {
  const sessionEnd = 35 + (body[34] ?? 0);
  flight.version = body.readUInt16BE(0);
  flight.suite = body.readUInt16BE(sessionEnd);
  for (const [type, value] of extensions(body, sessionEnd + 3))
    if (type === EXTENSION.supportedVersions) flight.version = value.readUInt16BE(0);
}

/** The extensions whose list, with its length in front, starts at a byte; none when nothing is there. */
function* extensions(body: Buffer, start: number): Generator<[number, Buffer]> {
  if (start + 2 > body.length) return;
  const end = start + 2 + body.readUInt16BE(start);
  for (let at = start + 2; at + 4 <= end;) {
    const valueEnd = at + 4 + body.readUInt16BE(at + 2);
    yield [body.readUInt16BE(at), body.subarray(at + 4, valueEnd)];
    at = valueEnd;
  }
}

function readCertificates(body: Buffer, flight: ServerFlight): void {
  const isNew = flight.version === TLS_1_3;
  // in TLS 1.3 a context comes first, which is empty here, and extensions follow each certificate (section 4.4.2)
  let at = (isNew ? 1 + (body[0] ?? 0) : 0) + 3;
  const found: Buffer[] = [];
  flight.certificates = found;
  while (at + 3 <= body.length) {
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length) return;
    found.push(body.subarray(at + 3, end));
    if (isNew && found.length === 1) readLeafExtensions(body, end, flight);
    at = isNew && end + 2 <= body.length ? end + 2 + body.readUInt16BE(end) : end;
  }
}

function readLeafExtensions(body: Buffer, start: number, flight: ServerFlight): void {
  for (const [type, value] of extensions(body, start)) if (type === EXTENSION.statusRequest) readStatus(value, flight);
}

/** CertificateStatus (RFC 6066 section 8). */
function readStatus(body: Buffer, flight: ServerFlight): void {
  if (body[0] === STATUS_OCSP && body.length > 4) flight.ocsp = body.subarray(4, 4 + body.readUIntBE(1, 3));
}
