import { END_OF_OPENMETRICS, encodeHead } from "./encode.ts";
import { CONTENT_TYPES, type Format } from "./format.ts";
import { encodeSelfFamily, type SelfFamily } from "./self-metrics.ts";
import type { Block } from "./series-store.ts";

/** Below this many bytes on average, a family's pieces are copied into one, to keep the number of chunks small. */
const SMALL_PIECE = 1024;

const END = Buffer.from(END_OF_OPENMETRICS);

/** Joins families to an exposition in one format, and keeps the chunks of unchanged families. */
export class PageWriter {
  readonly #format: Format;
  readonly #chunks = new WeakMap<Block, readonly Buffer[]>();

  constructor(format: Format) {
    this.#format = format;
  }

  /** The chunks of a whole exposition; both lists are sorted by name and have no name in common. */
  write(blocks: readonly Block[], selfFamilies: readonly SelfFamily[]): Buffer[] {
    const chunks: Buffer[] = [];
    let next = 0;
    const writeSelfBefore = (name?: string): void => {
      for (let family = selfFamilies[next]; family !== undefined; family = selfFamilies[++next]) {
        if (name !== undefined && family.name > name) break;
        chunks.push(Buffer.from(encodeSelfFamily(family, this.#format)));
      }
    };
    for (const block of blocks) {
      writeSelfBefore(block.name);
      for (const chunk of this.#chunksOf(block)) chunks.push(chunk);
    }
    writeSelfBefore();
    if (this.#format === "openmetrics") chunks.push(END);
    return chunks;
  }

  get contentType(): string {
    return CONTENT_TYPES[this.#format];
  }

  #chunksOf(block: Block): readonly Buffer[] {
    const known = this.#chunks.get(block);
    if (known !== undefined) return known;
    const chunks = makeChunks(block, this.#format);
    this.#chunks.set(block, chunks);
    return chunks;
  }
}

function makeChunks({ name, contributions }: Block, format: Format): readonly Buffer[] {
  const metric = contributions[0]?.metric;
  if (metric === undefined) return [];
  const head = Buffer.from(encodeHead({ name, type: metric.kind, help: metric.help }, format));
  const pieces = [head, ...contributions.flatMap((contribution) => contribution.pieces)];
  const length = byteLengthOf(pieces);
  return length / pieces.length < SMALL_PIECE ? [Buffer.concat(pieces, length)] : pieces;
}

/** The bytes in all chunks together. */
export const byteLengthOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
