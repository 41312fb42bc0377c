import type { FormatFault } from "../certificate.ts";
import { derOf } from "./ber.ts";
import { contextTag, Der, TAG } from "./der.ts";
import { oid } from "./der-values.ts";
import { faultOf, type Found, type FoundItem, FormatError } from "./found.ts";
import { DerivationBudget, type Passphrase, passphrase } from "./key-derivation.ts";
import { decrypt, unsupported } from "./pkcs12-cipher.ts";
import { macFits } from "./pkcs12-mac.ts";
import { safeBags } from "./safe-bags.ts";

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";

/**
 * Certificates and revocation lists of a PKCS#12 key store (RFC 7292), whose keys stay encrypted. Each passphrase is
 * tried, then the empty one. What is not encrypted is read even when none fits, which is then a fault only when some
 * were given. Throws `DerError` and {@link FormatError} when it can not be taken apart at all.
 */
export async function pkcs12Contents(bytes: Uint8Array, passphrases: readonly string[]): Promise<Found> {
  return new KeyStore(bytes, passphrases).read();
}

class KeyStore {
  readonly #content: Uint8Array;
  readonly #macData: Der | undefined;
  readonly #given: boolean;
  readonly #passphrases: readonly Passphrase[];
  readonly #budget = new DerivationBudget();

  constructor(bytes: Uint8Array, passphrases: readonly string[]) {
    const parts = Der.at(derOf(bytes)).as(TAG.sequence).children();
    parts.next(TAG.integer);
    const authSafe = parts.next(TAG.sequence).children();
    const id = oid(authSafe.next());
    if (id !== DATA) throw unsupported("kind of protection", id);
    this.#content = authSafe.next(contextTag(0)).children().next(TAG.octetString).content;
    this.#macData = parts.optional(TAG.sequence);
    this.#given = passphrases.length > 0;
    this.#passphrases = [...new Set([...passphrases, "", undefined])].map(passphrase);
  }

  async read(): Promise<Found> {
    const parts = Der.at(derOf(this.#content)).as(TAG.sequence).children();
    const fitting = await this.#fitting();
    const items: FoundItem[] = [];
    const faults: FormatFault[] = [];
    for (let number = 1; !parts.done; number++) {
      const part = parts.next(TAG.sequence);
      try {
        items.push(...(await this.#part(part, fitting)));
      } catch (error) {
        faults.push(faultOf(error, "bad_keystore", `part ${number}`));
      }
    }
    if (fitting.length === 0 && this.#given && faults.length === 0) {
      faults.push({
        reason: "wrong_passphrase",
        detail: "no passphrase fits its checksum; what is not encrypted was read",
      });
    }
    return { items, faults };
  }

  /** The passphrases that may open it: the one that its checksum was made with, or all when it has none. */
  async #fitting(): Promise<readonly Passphrase[]> {
    if (this.#macData === undefined) return this.#passphrases;
    for (const words of this.#passphrases) {
      if (await macFits(this.#macData, this.#content, words, this.#budget)) return [words];
    }
    return [];
  }

  async #part(part: Der, passphrases: readonly Passphrase[]): Promise<FoundItem[]> {
    const parts = part.children();
    const id = oid(parts.next());
    const value = parts.next(contextTag(0)).children();
    if (id === DATA) return safeBags(Der.at(derOf(value.next(TAG.octetString).content)));
    if (id !== ENCRYPTED_DATA) throw unsupported("kind of protection", id);
    const encrypted = value.next(TAG.sequence).children();
    encrypted.next(TAG.integer);
    const info = encrypted.next(TAG.sequence).children();
    info.next(TAG.oid);
    const algorithm = info.next(TAG.sequence);
    return this.#opened(algorithm, octets(info.next()), passphrases);
  }

  async #opened(algorithm: Der, data: Uint8Array, passphrases: readonly Passphrase[]): Promise<FoundItem[]> {
    for (const words of passphrases) {
      try {
        return safeBags(Der.at(derOf(await decrypt(algorithm, data, words, this.#budget))));
      } catch (error) {
        if (error instanceof FormatError) throw error;
        // With a checksum that fits, the passphrase is right and the data is not.
        if (this.#macData !== undefined)
          throw new FormatError("bad_keystore", "what is encrypted is corrupted", { cause: error });
      }
    }
    throw new FormatError("wrong_passphrase", this.#given ? "no passphrase fits" : "it needs a passphrase");
  }
}

/** The content of an implicitly tagged OCTET STRING, which may be in pieces. */
function octets(element: Der): Uint8Array {
  if (element.tag === contextTag(0, false)) return element.content;
  const pieces: Uint8Array[] = [];
  for (const children = element.as(contextTag(0)).children(); !children.done;) {
    pieces.push(children.next(TAG.octetString).content);
  }
  return Buffer.concat(pieces);
}
