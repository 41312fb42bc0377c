import { getCACertificates } from "node:tls";
import type { Certificate } from "../certificate.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";

/** Authorities that are trusted. Every certificate in it is an end of a chain, be it a root or not, as Go has it. */
export class TrustStore {
  /** Tells stores apart, for whatever is remembered of one. */
  readonly id: string;
  readonly #fingerprints: ReadonlySet<string>;
  readonly #bySubject: ReadonlyMap<string, readonly Certificate[]>;

  constructor(id: string, certificates: Iterable<Certificate>) {
    const unique = new Map([...certificates].map((certificate) => [certificate.fingerprint, certificate]));
    this.id = id;
    this.#fingerprints = new Set(unique.keys());
    this.#bySubject = bySubject(unique.values());
  }

  /** Whether this very certificate is trusted. */
  has({ fingerprint }: Certificate): boolean {
    return this.#fingerprints.has(fingerprint);
  }

  /** Those of a name, by its hexadecimal encoding. */
  named(subjectDer: string): readonly Certificate[] {
    return this.#bySubject.get(subjectDer) ?? [];
  }
}

/** Certificates by the encoding of their subject. */
export function bySubject(certificates: Iterable<Certificate>): ReadonlyMap<string, readonly Certificate[]> {
  const found = new Map<string, Certificate[]>();
  for (const certificate of certificates) {
    const same = found.get(certificate.subjectDer);
    if (same === undefined) found.set(certificate.subjectDer, [certificate]);
    else same.push(certificate);
  }
  return found;
}

const MAX_STORES = 200;

/** Makes each store once: reading the hundreds of authorities of a system costs tens of milliseconds. */
export class TrustStores {
  readonly #reader: CertificateReader;
  readonly #stores = new BoundedMap<string, Promise<TrustStore>>(MAX_STORES);
  #made = 0;

  constructor(reader: CertificateReader) {
    this.#reader = reader;
  }

  /**
   * The authorities of a PEM text; Node's own, the system's and those of `NODE_EXTRA_CA_CERTS` when absent. Never
   * throws.
   */
  get(ca: string | undefined): Promise<TrustStore> {
    return this.#stores.ensure(ca ?? "", () => this.#read(ca ?? defaultAuthorities()));
  }

  async #read(pem: string): Promise<TrustStore> {
    const id = String(this.#made++);
    const { certificates } = await this.#reader.read(Buffer.from(pem));
    return new TrustStore(id, certificates);
  }
}

function defaultAuthorities(): string {
  const all = (["default", "system"] as const).flatMap((kind) => getCACertificates(kind));
  return [...new Set(all.map((pem) => pem.trim()))].join("\n");
}
