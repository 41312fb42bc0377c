import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { excerpt, type Progress, Wire } from "./wire.ts";

function open(): { stream: PassThrough; wire: Wire; progress: Progress } {
  const stream = new PassThrough();
  stream.on("error", () => {});
  const progress = { waitingFor: "" };
  return { stream, wire: new Wire(stream, progress), progress };
}

/** The bytes cut at some places. */
const cut = (bytes: Buffer, places: readonly number[]): readonly Buffer[] => {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
};

test("lines and bytes are the same however they are cut, and nothing of what follows is eaten", async () => {
  const line = fc
    .string({ unit: fc.constantFrom("a", "Z", " ", "-", "\r", "é") })
    .map((text) => text.replace(/\r+$/, ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.constantFrom("\n", "\r\n"), fc.array(fc.nat()), async (lines, end, places) => {
      const { stream, wire } = open();
      const bytes = Buffer.from(`${lines.map((text) => text + end).join("")}tail`, "latin1");
      for (const piece of cut(bytes, places)) stream.write(piece);
      const read: string[] = [];
      for (const _ of lines) read.push(await wire.line("a line"));
      expect(read).toEqual(lines.map((text) => Buffer.from(text, "latin1").toString("latin1")));
      expect((await wire.bytes("the tail", 4)).toString()).toBe("tail");
      expect(() => wire.release()).not.toThrow();
    }),
  );
});

test("what is left over where TLS begins is refused", async () => {
  const { stream, wire } = open();
  stream.write("220 go ahead\r\n250 injected\r\n");
  await wire.line("the answer");
  expect(() => wire.release()).toThrow('the server went on in plain text where TLS begins: "250 injected"');
});

test("what comes after the release is left to the next reader", async () => {
  const { stream, wire } = open();
  stream.write("220 go ahead\r\n");
  await wire.line("the answer");
  wire.release();
  stream.write("\x16\x03\x01");
  expect(stream.read()).toEqual(Buffer.from("\x16\x03\x01"));
});

test("a greeting without an end is not read for ever", async () => {
  const { stream, wire } = open();
  const line = wire.line("the greeting");
  for (let i = 0; i < 40; i++) stream.write("x".repeat(1_024));
  await expect(line).rejects.toMatchObject({
    reason: "invalid_response",
    message: "the greeting is longer than 32 KiB",
  });
});

test("many short lines are bounded together", async () => {
  const { stream, wire } = open();
  for (let i = 0; i < 40; i++) stream.write(`${"x".repeat(1_022)}\r\n`);
  const readAll = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) await wire.line("the answer to EHLO");
  };
  await expect(readAll()).rejects.toMatchObject({ reason: "invalid_response" });
});

test("an end or an error is told by what was waited for", async () => {
  const ended = open();
  const line = ended.wire.line("the greeting");
  ended.stream.end("22");
  await expect(line).rejects.toMatchObject({
    reason: "connection_reset",
    message: "the connection was closed before the greeting was complete",
  });
  expect(ended.progress.waitingFor).toBe("the greeting");

  const broken = open();
  const bytes = broken.wire.bytes("the answer", 3);
  broken.stream.destroy(new Error("gone"));
  await expect(bytes).rejects.toThrow("gone");
  await expect(broken.wire.line("anything more")).rejects.toThrow("gone");
});

test("what was complete before the end is still given", async () => {
  const { stream, wire } = open();
  stream.end("* BYE too busy\r\n");
  await new Promise((resolve) => stream.once("end", resolve));
  expect(await wire.line("the greeting")).toBe("* BYE too busy");
});

test("an excerpt is one printable line, or hexadecimal", () => {
  expect(excerpt("421 no\r\n  more")).toBe('"421 no more"');
  expect(excerpt("x".repeat(500))).toBe(`"${"x".repeat(80)}"`);
  expect(excerpt(Buffer.of(0x15, 3, 1, 0, 2))).toBe("bytes 1503010002");
});
