import { NAME_PARTS, type Certificate, type DistinguishedName, type RevocationList } from "./certificate.ts";
import { PLACE_LABELS, type PlaceLabels } from "./inventory.ts";
import type { CERTIFICATE_LABELS, CRL_LABELS } from "./metrics.ts";

/** Labels of every series of one certificate; what does not apply is empty. */
export type CertificateLabels = Readonly<Record<(typeof CERTIFICATE_LABELS)[number], string>>;
/** Labels of every series of one revocation list. */
export type CrlLabels = Readonly<Record<(typeof CRL_LABELS)[number], string>>;

/** Where something was found, by labels and in words. */
interface Spot {
  readonly place: PlaceLabels;
  readonly where: string;
}

type NameLabels<P extends string> = Record<`${P}_${(typeof NAME_PARTS)[number]}`, string>;

const nameLabels = <P extends "subject" | "issuer">(prefix: P, name: DistinguishedName): NameLabels<P> =>
  Object.fromEntries(NAME_PARTS.map((part) => [`${prefix}_${part}`, name[part] ?? ""])) as NameLabels<P>;

const placeLabels = (place: PlaceLabels): Record<(typeof PLACE_LABELS)[number], string> =>
  Object.fromEntries(PLACE_LABELS.map((label) => [label, place[label] ?? ""])) as Record<
    (typeof PLACE_LABELS)[number],
    string
  >;

/**
 * Makes labels, and sees to it that no two things in one place share them: the later of two, such as a certificate that
 * was made anew with the serial number of the old one, gets the beginning of its fingerprint as `discriminator`. What
 * was found in the same place before has none.
 */
export class DistinctLabels {
  /** By labels the discriminators of what has them, by fingerprint. */
  readonly #seen = new Map<string, Map<string, string>>();

  /** Of a certificate that was found there. */
  ofCertificate({ place, where }: Spot, certificate: Certificate): CertificateLabels | undefined {
    return this.#distinct(certificate.fingerprint, {
      serial_number: certificate.serialNumber,
      ...nameLabels("subject", certificate.subject),
      ...nameLabels("issuer", certificate.issuer),
      ...placeLabels(place),
      discriminator: "",
      location: where,
      role: certificate.role,
    });
  }

  /** Of a revocation list that was found there. */
  ofList({ place, where }: Spot, list: RevocationList): CrlLabels | undefined {
    return this.#distinct(list.fingerprint, {
      ...nameLabels("issuer", list.issuer),
      ...placeLabels(place),
      crl_number: list.number ?? "",
      discriminator: "",
      location: where,
    });
  }

  #distinct<T extends { readonly discriminator: string }>(fingerprint: string, labels: T): T | undefined {
    const key = JSON.stringify(labels);
    const before = this.#seen.get(key);
    if (before === undefined) {
      this.#seen.set(key, new Map([[fingerprint, ""]]));
      return labels;
    }
    if (before.has(fingerprint)) return undefined;
    // whoever wants to can make two whose fingerprints begin alike
    const short = fingerprint.slice(0, 8);
    const discriminator = [...before.values()].includes(short) ? fingerprint : short;
    before.set(fingerprint, discriminator);
    return { ...labels, discriminator };
  }
}
