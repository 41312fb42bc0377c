import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Secret } from "../../../core/secret.ts";
import type { Certificate, FormatFault, ReadResult, RevocationList } from "../certificate.ts";
import { binaryContents, isBinary } from "./binary.ts";
import { Der, DerError } from "./der.ts";
import { faultOf, type Found, type FoundItem, MAX_ITEMS } from "./found.ts";
import { parseCertificate } from "./parse-certificate.ts";
import { parseCrl } from "./parse-crl.ts";
import { pemContents } from "./pem.ts";
import { Shared } from "./shared.ts";

const MAX_BYTES = 16 * 1_048_576;
const MAX_CERTIFICATE_BYTES = 1_048_576;
/** How many are read before others get their turn: about 10 ms. */
const BATCH = 100;

/** How something is read. */
interface ReadOptions {
  /** Of key stores; each is tried, then the empty one. */
  readonly passphrases?: readonly Secret[];
}

/**
 * Reads certificates and revocation lists. The same certificate is given as the same object as long as somebody holds
 * it, so one reader is to be shared by all.
 */
export class CertificateReader {
  readonly #certificates = new Shared<Certificate>();
  readonly #revocationLists = new Shared<RevocationList>();

  /**
   * The facts of one certificate (DER); bytes behind it are left out. Throws an Error that says in words what is wrong.
   */
  certificate(der: Uint8Array): Certificate {
    const element = Der.at(der);
    if (element.end - element.start > MAX_CERTIFICATE_BYTES) throw new DerError("larger than 1 MiB");
    const fingerprint = hash("sha256", element.encoded, "hex");
    return this.#certificates.get(fingerprint, () => parseCertificate(element, fingerprint));
  }

  /**
   * Everything that some bytes hold, whatever their form: PEM with anything around, DER, PKCS#7, PKCS#12, JKS, JCEKS.
   * Private keys are neither parsed nor decrypted. Never throws; reads at most 16 MiB and 10,000 items.
   */
  async read(bytes: Uint8Array, { passphrases = [] }: ReadOptions = {}): Promise<ReadResult> {
    if (bytes.length > MAX_BYTES) return nothing({ reason: "too_large", detail: `it has ${bytes.length} bytes` });
    const words = passphrases.map((passphrase) => passphrase.reveal());
    const found = await contents(bytes, words);
    const certificates: Certificate[] = [];
    const revocationLists: RevocationList[] = [];
    const faults = [...found.faults];
    for (const [index, item] of found.items.slice(0, MAX_ITEMS).entries()) {
      if (index % BATCH === BATCH - 1) await setImmediate();
      try {
        if (item.kind === "certificate") certificates.push(this.certificate(item.der));
        else revocationLists.push(await this.#revocationList(item.der));
      } catch (error) {
        faults.push(itemFault(item, error));
      }
    }
    if (found.items.length > MAX_ITEMS) {
      faults.push({ reason: "too_large", detail: `of its items the first ${MAX_ITEMS} are read` });
    }
    return { certificates, revocationLists, faults };
  }

  async #revocationList(der: Uint8Array): Promise<RevocationList> {
    const element = Der.at(der);
    const fingerprint = hash("sha256", element.encoded, "hex");
    const known = this.#revocationLists.known(fingerprint);
    if (known !== undefined) return known;
    const parsed = await parseCrl(element, fingerprint);
    // Another may have read the same one meanwhile.
    return this.#revocationLists.get(fingerprint, () => parsed);
  }
}

const itemFault = (item: FoundItem, error: unknown): FormatFault =>
  faultOf(error, item.kind === "certificate" ? "bad_certificate" : "bad_crl", item.where);

const nothing = (fault: FormatFault): ReadResult => ({ certificates: [], revocationLists: [], faults: [fault] });

async function contents(bytes: Uint8Array, passphrases: readonly string[]): Promise<Found> {
  const binary = isBinary(bytes) ? await binaryContents(bytes, passphrases) : undefined;
  // Garbage in front of PEM may look like the beginning of DER.
  if (binary !== undefined && binary.items.length > 0) return binary;
  const pem = pemContents(textOf(bytes));
  if (pem.items.length > 0 || binary === undefined) return orNone(pem);
  return orNone(binary);
}

const orNone = (found: Found): Found =>
  found.items.length > 0 || found.faults.length > 0
    ? found
    : { items: [], faults: [{ reason: "no_certificate", detail: "nothing of the kind is in it" }] };

/** Windows writes text in UTF-16, with a mark in front; all else that matters is ASCII. */
function textOf(bytes: Uint8Array): string {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return data.toString(data[0] === 0xff && data[1] === 0xfe ? "utf16le" : "latin1");
}
