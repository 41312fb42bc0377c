import { CollectError } from "../../../core/errors.ts";
import type { Secret } from "../../../core/secret.ts";
import { readSecret, type SecretSource } from "../../../lib/secret-source.ts";

/** The passphrase of key stores during one look at them: its file is read once, and only when a store is opened. */
export class Passphrase {
  readonly #source: SecretSource;
  #reading: Promise<Secret | undefined> | undefined;
  /** Why its file can not be used; undefined while nobody asked for it. */
  error: CollectError | undefined;

  constructor(source: SecretSource) {
    this.#source = source;
  }

  /** Undefined when none is configured or it can not be had, of which {@link Passphrase.error} tells. */
  get(): Promise<Secret | undefined> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  async #read(): Promise<Secret | undefined> {
    if (this.#source.file === undefined && this.#source.value === undefined) return undefined;
    try {
      return await readSecret(this.#source);
    } catch (thrown) {
      if (!(thrown instanceof CollectError)) throw thrown;
      this.error = thrown;
      return undefined;
    }
  }
}

/** The first bytes of Java key stores, JKS and JCEKS. */
const JAVA_KEY_STORES: ReadonlySet<number> = new Set([0xfe_ed_fe_ed, 0xce_ce_ce_ce]);

/**
 * Whether a passphrase can be of use to read these bytes: a Java key store, or PKCS#12, which begins with its version
 * 3.
 * Source: https://www.rfc-editor.org/rfc/rfc7292#section-4
 */
export function isKeyStore(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  if (JAVA_KEY_STORES.has(Buffer.from(bytes.subarray(0, 4)).readUInt32BE())) return true;
  const [tag, length = 0] = bytes;
  const content = 2 + (length > 0x80 ? length & 0x7f : 0);
  return tag === 0x30 && bytes[content] === 0x02 && bytes[content + 1] === 1 && bytes[content + 2] === 3;
}
