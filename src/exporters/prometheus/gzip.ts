import { byteLengthOf } from "./page.ts";
import { constants, crc32, createDeflateRaw } from "node:zlib";

/** Compresses a body that is given and returned in pieces. */
export type Gzip = (chunks: readonly Buffer[]) => Promise<readonly Buffer[]>;

/** Bytes of text that are compressed together: large enough for a good ratio, small enough to be found unchanged. */
const GROUP_LENGTH = 32_768;

/** Magic number, deflate, no flags, no time, fastest level, Unix: https://www.rfc-editor.org/rfc/rfc1952#page-5 */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);

/** An empty last block: https://www.rfc-editor.org/rfc/rfc1951#page-12 */
const LAST_BLOCK = Buffer.from([3, 0]);

interface Group {
  readonly chunks: readonly Buffer[];
  readonly deflated: Buffer;
}

/**
 * Makes a compressor that remembers its work: groups of the very same chunks are not compressed again. The
 * result is a single gzip member, since browsers and curl stop after the first; its groups are deflated apart on
 * the thread pool, each flushed to a byte boundary.
 */
export function createGzip(): Gzip {
  const remembered = new WeakMap<Buffer, Group>();
  return async (chunks) => {
    let checksum = 0;
    let length = 0;
    const body: Buffer[] = [HEADER];
    const deflater = createDeflater();
    for (const members of groupChunks(chunks)) {
      const first = members[0] as Buffer;
      const known = remembered.get(first);
      const group = known && sameChunks(known.chunks, members) ? known : await deflater.deflate(members);
      remembered.set(first, group);
      body.push(group.deflated);
      for (const chunk of members) {
        checksum = crc32(chunk, checksum);
        length += chunk.length;
      }
    }
    deflater.close();
    return [...body, LAST_BLOCK, trailer(checksum, length)];
  };
}

/**
 * Deflates groups one after the other. A full flush after each makes it independent of those before, at a fraction of
 * the cost of a stream for each.
 */
function createDeflater(): { deflate(chunks: readonly Buffer[]): Promise<Group>; close(): void } {
  const stream = createDeflateRaw({ level: 1, chunkSize: GROUP_LENGTH });
  // The error comes to the callback of `flush` as well.
  stream.on("error", () => {});
  // Used again for each group: a new buffer for each would only wait for the garbage collector.
  let joined = Buffer.allocUnsafeSlow(2 * GROUP_LENGTH);
  let output: Buffer[] = [];
  stream.on("data", (data: Buffer) => output.push(data));
  return {
    async deflate(chunks) {
      const length = byteLengthOf(chunks);
      if (length > joined.length) joined = Buffer.allocUnsafeSlow(length);
      let end = 0;
      for (const chunk of chunks) end += chunk.copy(joined, end);
      stream.write(joined.subarray(0, length));
      await new Promise<void>((resolve, reject) => {
        stream.flush(constants.Z_FULL_FLUSH, (error?: Error | null) => (error ? reject(error) : resolve()));
      });
      const deflated = Buffer.concat(output);
      output = [];
      return { chunks, deflated };
    },
    close: () => stream.close(),
  };
}

function groupChunks(chunks: readonly Buffer[]): Buffer[][] {
  const groups: Buffer[][] = [];
  let open: Buffer[] | undefined;
  let length = 0;
  for (const chunk of chunks) {
    if (open === undefined) groups.push((open = []));
    open.push(chunk);
    length += chunk.length;
    if (length < GROUP_LENGTH) continue;
    open = undefined;
    length = 0;
  }
  return groups;
}

const sameChunks = (a: readonly Buffer[], b: readonly Buffer[]): boolean =>
  a.length === b.length && a.every((chunk, i) => chunk === b[i]);

/** CRC-32 and length modulo 2^32, both with the lowest byte first: https://www.rfc-editor.org/rfc/rfc1952#page-8 */
function trailer(checksum: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32LE(checksum, 0);
  bytes.writeUInt32LE(length % 2 ** 32, 4);
  return bytes;
}
