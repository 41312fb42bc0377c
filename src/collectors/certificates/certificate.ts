/** The attributes of a name that are kept, by their short names. */
export const NAME_PARTS = ["C", "ST", "L", "O", "OU", "CN"] as const;

/**
 * A distinguished name as text by the short names of its attributes, such as `{ CN: "nas.lan", O: "Home" }`; the first
 * of several.
 */
export type DistinguishedName = Readonly<Partial<Record<(typeof NAME_PARTS)[number], string>>>;

/** What a certificate is for: `root` is an authority that signed itself, `intermediate` any other authority. */
export type CertificateRole = "leaf" | "intermediate" | "root";

/**
 * Facts of one certificate; never changed once read, and shared by all who found the same one. Times are Unix seconds.
 */
export interface Certificate {
  /** SHA-256 of the encoding: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The encoding (DER). */
  readonly der: Uint8Array;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** Hexadecimal of the whole subject and issuer as encoded, which is how issuers are found (RFC 5280 section 7.1). */
  readonly subjectDer: string;
  readonly issuerDer: string;
  /** Decimal. */
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly role: CertificateRole;
  /** DNS names and IP addresses of the subject alternative names, as they are written there, in order. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Hexadecimal; absent where the extension is. */
  readonly subjectKeyId?: string;
  readonly authorityKeyId?: string;
  readonly key: {
    /** Such as `RSA`, `EC`, `Ed25519`; a name of Node's (`rsa-pss`, `dsa`) or an OID for what has no usual one. */
    readonly algorithm: string;
    /** Length of the modulus or of the curve's order; absent when it is not known. */
    readonly bits?: number;
  };
  /** Such as `sha256WithRSAEncryption`, `ecdsa-with-SHA256`, `ED25519`; the OID where it has no name here. */
  readonly signatureAlgorithm: string;
  /** Where its revocation list is (`http:` and `https:` only). */
  readonly crlUrls: readonly string[];
}

/** A revocation list. Times are Unix seconds. */
export interface RevocationList {
  /** SHA-256 of the encoding, as {@link Certificate.fingerprint}. */
  readonly fingerprint: string;
  readonly der: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly issuerDer: string;
  readonly authorityKeyId?: string;
  readonly thisUpdate: number;
  /** Absent where the list does not say when the next one comes. */
  readonly nextUpdate?: number;
  /** Decimal; absent where the extension is. */
  readonly number?: string;
  /**
   * Decimal serial numbers, and why each was revoked by the words of RFC 5280 section 5.3.1 (`unspecified` when not
   * told).
   */
  readonly revoked: ReadonlyMap<string, string>;
}

/** Why some bytes could not be read as certificates; the `reason` label of what counts them. */
export const FORMAT_FAULTS = {
  no_certificate: "it holds neither a certificate nor a revocation list",
  bad_pem: "a PEM block is cut off or not base64",
  bad_certificate: "a certificate in it can not be read",
  bad_crl: "a revocation list in it can not be read",
  bad_keystore: "the key store is corrupted or of a kind that is not supported",
  wrong_passphrase: "the passphrase does not open it, or it needs one",
  too_large: "it is larger than what is read",
} as const;

/** One of the keys of {@link FORMAT_FAULTS}. */
export type FormatFaultReason = keyof typeof FORMAT_FAULTS;

/** One thing in a file, Secret or answer that could not be read; the others in it still were. */
export interface FormatFault {
  readonly reason: FormatFaultReason;
  /** What and where, such as `block 3: not base64`; never what stands there. */
  readonly detail: string;
}

/** Everything that some bytes hold, in their order; the same certificate twice is given twice. */
export interface ReadResult {
  readonly certificates: readonly Certificate[];
  readonly revocationLists: readonly RevocationList[];
  readonly faults: readonly FormatFault[];
}
