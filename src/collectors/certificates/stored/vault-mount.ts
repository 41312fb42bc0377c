import pLimit from "p-limit";
import { CollectError, NoData } from "../../../core/errors.ts";
import type { Bundle, ExpiryOverride, SourceReading } from "../inventory.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { crlConfigShape, isNothing, pemShape, type PkiCall, type PkiCalls } from "./vault-api.ts";
import { findAuthorities, type Authority } from "./vault-authorities.ts";
import { ListedCertificates, type Note } from "./vault-listed.ts";
import { PKI_PERMISSIONS, withCapability } from "./vault-permissions.ts";

/** What all mounts of one source share. */
export interface MountOptions {
  readonly reader: CertificateReader;
  /** Of the source, for people. */
  readonly source: string;
  readonly expiry: ExpiryOverride | undefined;
  /** How many issued certificates are read; 0 for none. */
  readonly maxListed: number;
}

interface ListSettings {
  readonly isDisabled: boolean;
  readonly hasDelta: boolean;
}

/** A PEM text of the mount: its path, what it is called by, and its title in words. */
interface Text {
  readonly path: string;
  readonly label: string;
  readonly title: string;
}

const AT_ONCE = 4;
const USUAL_LISTS: ListSettings = { isDisabled: false, hasDelta: false };

/** One PKI secrets engine: its issuers, their revocation lists, and the certificates that it issued. */
export class PkiMount {
  readonly path: string;
  readonly #options: MountOptions;
  readonly #listed: ListedCertificates | undefined;

  constructor(path: string, options: MountOptions) {
    this.path = path;
    this.#options = options;
    const { maxListed } = options;
    this.#listed = maxListed === 0 ? undefined : new ListedCertificates({ ...options, mount: path, most: maxListed });
  }

  /** Throws `CollectError` when nothing could be read. */
  async read(calls: PkiCalls): Promise<SourceReading> {
    const missing: { piece: string; error: CollectError }[] = [];
    const note: Note = (piece, thrown) => {
      if (!(thrown instanceof CollectError)) throw thrown;
      missing.push({ piece: `${this.path}/${piece}`, error: thrown });
    };
    const authorities = await findAuthorities(calls.open, this.path);
    const lists = await this.#listSettings(calls, note);
    const texts = authorities.flatMap((authority) => textsOf(authority, lists));
    const read = await pLimit(AT_ONCE).map(texts, (text) => this.#read(calls.open, text, note));
    const bundles = withoutCopies(read.flat());
    const issued = await this.#listed?.read(calls.guarded, bundles, note);
    return { bundles: [...bundles, ...(issued ?? [])], missing };
  }

  /** Without the right to ask, lists are taken to be made and to have no deltas. */
  async #listSettings({ guarded }: PkiCalls, note: Note): Promise<ListSettings> {
    if (guarded === undefined) return USUAL_LISTS;
    const { below } = PKI_PERMISSIONS.crlConfig;
    try {
      return await guarded(`${this.path}/${below}`, crlConfigShape);
    } catch (thrown) {
      if (!(thrown instanceof NoData) && !isNothing(thrown))
        note(below, withCapability(thrown, this.path, PKI_PERMISSIONS.crlConfig));
      return USUAL_LISTS;
    }
  }

  async #read(call: PkiCall, text: Text, note: Note): Promise<readonly Bundle[]> {
    try {
      return [await this.#bundle(call, text)];
    } catch (thrown) {
      // an issuer that may not sign revocation lists has none
      if (!(thrown instanceof NoData)) note(text.label, thrown);
      return [];
    }
  }

  async #bundle(call: PkiCall, { path, label, title }: Text): Promise<Bundle> {
    const { reader, source, expiry } = this.#options;
    const { pem } = await call(`${this.path}/${path}`, pemShape);
    return {
      kind: "vault-pki",
      place: { pki: `${this.path}/${label}` },
      where: `${title} of ${this.path} in ${source}`,
      ...(await reader.read(Buffer.from(pem))),
      ...(expiry !== undefined && { expiry }),
    };
  }
}

/**
 * A delta is read only where the mount is set to make them: else an empty one lies there, which nobody renews or uses.
 * Source: https://developer.hashicorp.com/vault/api-docs/secret/pki#read-crl-configuration
 */
function textsOf({ title, label, path, crl }: Authority, { isDisabled, hasDelta }: ListSettings): readonly Text[] {
  const texts: Text[] = [{ path, label, title }];
  if (crl === undefined || isDisabled) return texts;
  texts.push({ path: crl.path, label: crl.label, title: `revocation list of ${title}` });
  if (hasDelta && crl.deltaPath !== undefined)
    texts.push({ path: crl.deltaPath, label: `${crl.label}/delta`, title: `delta revocation list of ${title}` });
  return texts;
}

/** Issuers that share name and key share their list, which each of them shows. */
function withoutCopies(bundles: readonly Bundle[]): readonly Bundle[] {
  const seen = new Set<string>();
  return bundles.filter(({ certificates, revocationLists }) => {
    const [list] = revocationLists;
    if (certificates.length > 0 || list === undefined) return true;
    const isNew = !seen.has(list.fingerprint);
    seen.add(list.fingerprint);
    return isNew;
  });
}
