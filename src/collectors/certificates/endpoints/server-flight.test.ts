import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readServerFlight } from "./server-flight.ts";

const sized = (width: number, ...parts: readonly Buffer[]): Buffer => {
  const bytes = Buffer.concat(parts);
  const length = Buffer.alloc(width);
  length.writeUIntBE(bytes.length, 0, width);
  return Buffer.concat([length, bytes]);
};
const message = (type: number, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.of(type), sized(3, ...parts)]);
const record = (type: number, payload: Buffer): Buffer => Buffer.concat([Buffer.of(type, 3, 3), sized(2, payload)]);

const serverHello = message(2, Buffer.of(3, 3), randomBytes(32), Buffer.of(0, 0xc0, 0x2f, 0));
const certificates = [randomBytes(300), randomBytes(900), randomBytes(10)];
const certificate = message(11, sized(3, ...certificates.map((der) => sized(3, der))));
const answer = randomBytes(70);
const status = message(22, Buffer.of(1), sized(3, answer));
const request = message(13, Buffer.of(1, 1, 0, 0));
const done = message(14);
const all = Buffer.concat([serverHello, certificate, status, request, done]);
const whole = { version: 0x0303, suite: 0xc02f, certificates, ocsp: answer, wantsClientCertificate: true };

test("messages may share records and be spread over several", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(all.length)), (places) => {
      const ends = [...new Set(places)].toSorted((a, b) => a - b);
      const pieces = [...ends, all.length].map((end, i) => all.subarray(i === 0 ? 0 : ends[i - 1], end));
      const bytes = Buffer.concat(pieces.map((piece) => record(22, piece)));
      expect(readServerFlight(bytes, undefined)).toEqual(whole);
    }),
  );
});

test("what is cut off anywhere gives what was whole before", () => {
  const bytes = Buffer.concat([serverHello, certificate, status].map((one) => record(22, one)));
  for (let end = 0; end < bytes.length; end++) {
    const flight = readServerFlight(bytes.subarray(0, end), undefined);
    const found = flight.certificates ?? [];
    expect(found).toEqual(certificates.slice(0, found.length));
    expect(flight.ocsp).toBeUndefined();
  }
});

test("a list that ends in the middle of its records gives its first certificates", () => {
  const first = record(22, Buffer.concat([serverHello, certificate.subarray(0, 400)]));
  expect(readServerFlight(first, undefined).certificates).toEqual(certificates.slice(0, 1));
});

test("nothing of what is enciphered, or no TLS, is taken for a message", () => {
  expect(readServerFlight(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), undefined)).toEqual({
    wantsClientCertificate: false,
  });
  const enciphered = Buffer.concat([record(22, serverHello), record(20, Buffer.of(1)), record(22, certificate)]);
  expect(readServerFlight(enciphered, undefined)).toEqual({
    version: 0x0303,
    suite: 0xc02f,
    wantsClientCertificate: false,
  });
});

test("no bytes whatever make it throw", () => {
  const read = (bytes: Uint8Array) => readServerFlight(Buffer.from(bytes), Buffer.alloc(32));
  const flight = Buffer.concat([record(22, all), record(23, randomBytes(60))]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => typeof read(bytes) === "object"));
  const change = (at: number, byte: number) => typeof read(flight.with(at, byte)) === "object";
  expect(() =>
    fc.assert(fc.property(fc.nat(flight.length - 1), fc.nat(255), change), { numRuns: 2_000 }),
  ).not.toThrow();
});
