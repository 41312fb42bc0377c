import pLimit from "p-limit";
import { CollectError } from "../../../core/errors.ts";
import { untilAborted } from "../../../lib/http/deadline.ts";
import { readFileState, type FileState } from "./file-state.ts";

/** What a {@link FileMemory} makes of files. */
export interface FileMemoryOptions<T> {
  /** Longer files are not read; at most 8 of this size are held at once. */
  readonly mostBytes: number;
  /** Makes something of a file's bytes, of undefined when there are too many; the bytes are not kept. */
  make(bytes: Uint8Array | undefined, path: string): Promise<T>;
  /** Whether what was made of an unchanged file still holds; by default it does. */
  holds?(made: T): Promise<boolean>;
}

const READS_AT_ONCE = 8;

/** Keeps what was made of files, so that one is opened again only when it changed. */
export class FileMemory<T> {
  readonly #options: FileMemoryOptions<T>;
  readonly #made = new Map<string, T>();

  constructor(options: FileMemoryOptions<T>) {
    this.#options = options;
  }

  /**
   * What was made of each of the files, in their order, or why it can not be read; an error in place of a file is
   * passed on. What is known of others is forgotten.
   * Throws only what `signal` was aborted with; what was read by then is kept.
   */
  async read(
    files: readonly (FileState | CollectError)[],
    signal: AbortSignal,
  ): Promise<readonly (T | CollectError)[]> {
    const limit = pLimit(READS_AT_ONCE);
    const used = new Set<string>();
    const work = limit.map(files, async (file) => {
      signal.throwIfAborted();
      if (file instanceof CollectError) return file;
      const { version, made } = await this.#readOne(file);
      used.add(version);
      return made;
    });
    const all = await untilAborted(work, signal);
    for (const version of this.#made.keys()) if (!used.has(version)) this.#made.delete(version);
    return all;
  }

  async #readOne(file: FileState): Promise<{ version: string; made: T | CollectError }> {
    const known = this.#made.get(file.version);
    if (known !== undefined && ((await this.#options.holds?.(known)) ?? true))
      return { version: file.version, made: known };
    try {
      const { version, bytes } = await readFileState(file.path, this.#options.mostBytes);
      const made = await this.#options.make(bytes, file.path);
      this.#made.set(version, made);
      return { version, made };
    } catch (thrown) {
      if (!(thrown instanceof CollectError)) throw thrown;
      return { version: file.version, made: thrown };
    }
  }
}
