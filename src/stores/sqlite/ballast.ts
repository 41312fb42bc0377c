import { randomBytes } from "node:crypto";
import { open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A file beside the database that keeps some of the disk back. When the disk is full it is given up, so that what is
 * accepted can still be delivered and old rows can be deleted; nothing new is accepted before it is there again.
 */
export class Ballast {
  readonly #file: string;
  readonly #bytes: number;
  #isThere = false;

  constructor(file: string, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  get isThere(): boolean {
    return this.#bytes === 0 || this.#isThere;
  }

  /** Makes the file when there is room for twice as much, or it would be given up again at once; never throws. */
  async restore(): Promise<void> {
    if (this.isThere) return;
    this.#isThere = (await this.#isComplete()) || ((await this.#isRoom()) && (await this.#write()));
  }

  /** Gives the room up; false when that gained nothing. Never throws. */
  async release(): Promise<boolean> {
    if (this.#bytes === 0 || !this.#isThere) return false;
    this.#isThere = false;
    return rm(this.#file).then(
      () => true,
      () => false,
    );
  }

  async #isComplete(): Promise<boolean> {
    const found = await stat(this.#file).catch(() => undefined);
    return found?.size === this.#bytes;
  }

  async #isRoom(): Promise<boolean> {
    const disk = await statfs(dirname(this.#file)).catch(() => undefined);
    return disk !== undefined && disk.bavail * disk.bsize >= 2 * this.#bytes;
  }

  async #write(): Promise<boolean> {
    const unfinished = `${this.#file}.unfinished`;
    try {
      const handle = await open(unfinished, "w", 0o600);
      try {
        // zeros would take no room on a file system that compresses
        await handle.writeFile(randomBytes(this.#bytes));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, this.#file);
      return true;
    } catch {
      await rm(unfinished, { force: true }).catch(() => undefined);
      // another process may have been quicker
      return this.#isComplete();
    }
  }
}
