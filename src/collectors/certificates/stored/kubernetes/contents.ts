import { RE2JS } from "re2js";
import type { CollectError } from "../../../../core/errors.ts";
import type { Secret } from "../../../../core/secret.ts";
import type { SecretSource } from "../../../../lib/secret-source.ts";
import type { Bundle, ManagedCertificate, PlaceLabels, SourceKind, ExpiryOverride } from "../../inventory.ts";
import type { CertificateReader } from "../../x509/certificate-reader.ts";
import { isKeyStore, Passphrase } from "../passphrase.ts";

/** What one object of the cluster holds, and nothing else of it. */
export interface Contents {
  readonly bundles: readonly Bundle[];
  readonly managed?: ManagedCertificate;
  /** `namespace/name` of the Secret that cert-manager keeps it in. */
  readonly managedSecret?: string;
}

/** What is needed to read values. */
export interface ReadingContext {
  /** Name of the cluster's entry in the configuration, which tells alike objects of several clusters apart. */
  readonly source: string;
  readonly reader: Pick<CertificateReader, "read">;
  /** Whether the value of a key of a Secret or ConfigMap is read. */
  readonly wantsKey: (key: string) => boolean;
  readonly passphrase: SecretSource;
  /** Why the passphrase can not be had, as of the newest key store that was read. */
  passphraseError: CollectError | undefined;
  readonly expiry: ExpiryOverride | undefined;
}

/** One value that may hold certificates. */
export interface Value {
  readonly kind: SourceKind;
  readonly place: PlaceLabels;
  readonly where: string;
  readonly bytes: Uint8Array;
  /** Whether it must hold a certificate; else one without any is passed over. */
  readonly isCertificate: boolean;
}

/** Reads the values; those that are empty or of another kind are passed over. */
export async function readValues(values: readonly Value[], context: ReadingContext): Promise<readonly Bundle[]> {
  const bundles: Bundle[] = [];
  for (const { kind, place, where, bytes, isCertificate } of values) {
    if (bytes.length === 0) continue;
    const found = await context.reader.read(bytes, { passphrases: await passphrasesFor(bytes, context) });
    const isOther = found.faults.length > 0 && found.faults.every(({ reason }) => reason === "no_certificate");
    if (isOther && !isCertificate) continue;
    const whole = `${where} in ${context.source}`;
    bundles.push({
      kind,
      place,
      where: whole,
      ...found,
      ...(context.expiry !== undefined && { expiry: context.expiry }),
    });
  }
  return bundles;
}

async function passphrasesFor(bytes: Uint8Array, context: ReadingContext): Promise<readonly Secret[]> {
  if (!isKeyStore(bytes)) return [];
  const passphrase = new Passphrase(context.passphrase);
  const secret = await passphrase.get();
  context.passphraseError = passphrase.error;
  return secret === undefined ? [] : [secret];
}

/** Patterns of keys as one test: `*` stands for any text, `?` for one character. */
export function keyTest(patterns: readonly string[]): (key: string) => boolean {
  const compiled = patterns.map((pattern) => {
    const source = RE2JS.quote(pattern)
      .replaceAll(String.raw`\*`, ".*")
      .replaceAll(String.raw`\?`, ".");
    return RE2JS.compile(source, RE2JS.DOTALL);
  });
  return (key) => compiled.some((one) => one.matches(key));
}
