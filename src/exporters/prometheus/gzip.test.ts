import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGzip } from "./gzip.ts";

const pool = [10, 1_000, 20_000, 40_000].flatMap((length) => [1, 2].map((byte) => Buffer.alloc(length, byte)));
const body = fc.array(fc.constantFrom(...pool), { maxLength: 8 });

describe("createGzip", () => {
  it("gives back what went in, whatever was compressed before", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 8 }), async (bodies) => {
        const gzip = createGzip();
        for (const body of bodies) {
          expect(gunzipSync(Buffer.concat(await gzip(body))).equals(Buffer.concat(body))).toBe(true);
        }
      }),
    );
  });

  it("writes one member, because browsers and curl stop after the first", async () => {
    const body = [1, 2, 3].map((byte) => Buffer.alloc(50_000, byte));
    const compressed = Buffer.concat(await createGzip()(body));
    expect(gunzipSync(compressed)).toHaveLength(150_000);
    expect(compressed.indexOf(Buffer.from([0x1f, 0x8b, 8]), 1)).toBe(-1);
  });

  it("does not compress an unchanged group again", async () => {
    const gzip = createGzip();
    const [a, b, c] = [1, 2, 3].map((byte) => Buffer.alloc(50_000, byte)) as [Buffer, Buffer, Buffer];
    const before = await gzip([a, b, c]);
    const after = await gzip([a, Buffer.alloc(50_000, 9), c]);
    expect(after.map((piece, i) => piece === before[i])).toEqual([true, true, false, true, true, false]);
  });

  it("stands two calls at once", async () => {
    const gzip = createGzip();
    const bodies = [1, 2].map((byte) => [Buffer.alloc(50_000), Buffer.alloc(50_000, byte)]);
    const results = await Promise.all(bodies.map((body) => gzip(body)));
    results.forEach((result, i) => {
      expect(gunzipSync(Buffer.concat(result)).equals(Buffer.concat(bodies[i] ?? []))).toBe(true);
    });
  });
});
