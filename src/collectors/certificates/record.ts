import { CollectError } from "../../core/errors.ts";
import type { CollectContext } from "../../core/pack.ts";
import {
  FORMAT_FAULTS,
  type Certificate,
  type DistinguishedName,
  type FormatFault,
  type RevocationList,
} from "./certificate.ts";
import type { Bundle, ExpiryOverride, ManagedCertificate, PlaceLabels } from "./inventory.ts";
import type { CheckResult } from "./checks.ts";
import { PLACE_LABELS } from "./inventory.ts";
import { strengthChecks } from "./judge/strength.ts";
import { renewalPoint } from "./judge/renewal.ts";
import type { Keeper, SourceState } from "./keeper.ts";
import { certificates as metrics, type CERTIFICATE_LABELS, type CRL_LABELS } from "./metrics.ts";

/** A place with everything that was found there. */
interface Found {
  readonly place: PlaceLabels;
  readonly where: string;
  readonly certificates: readonly Certificate[];
  readonly revocationLists: readonly RevocationList[];
  readonly renewalTime?: number | undefined;
  readonly expiry?: ExpiryOverride | undefined;
  /** Whether what is judged of a certificate alone is recorded; an endpoint has checks of its own. */
  readonly isStored: boolean;
}

type CertificateLabels = Readonly<Record<(typeof CERTIFICATE_LABELS)[number], string>>;
type CrlLabels = Readonly<Record<(typeof CRL_LABELS)[number], string>>;

/** Records every certificate and revocation list that the keeper knows, and how the sources are; `now` is in Unix seconds. */
export function recordCertificates(keeper: Keeper, context: CollectContext, now: number): void {
  recordSources(keeper.sources, context);
  for (const { piece, error } of keeper.renewalFaults) context.missing(piece, error);
  recordInventory(keeper, context, now);
}

function recordInventory(keeper: Keeper, context: CollectContext, now: number): void {
  const labels = new Distinct();
  for (const found of [...servedOf(keeper), ...keeper.bundles.map(storedOf)]) {
    for (const certificate of found.certificates) {
      const own = labels.ofCertificate(found, certificate);
      if (own !== undefined) recordCertificate(keeper, context, { found, certificate, now, labels: own });
    }
    for (const list of found.revocationLists) {
      const own = labels.ofList(found, list);
      if (own !== undefined) recordList(context, list, own, now);
    }
  }
}

const servedOf = ({ endpoints }: Keeper): readonly Found[] =>
  endpoints.flatMap(({ endpoint: { name, expiry }, shown }) =>
    shown === undefined
      ? []
      : [
          {
            place: { endpoint: name },
            where: name,
            certificates: asServed(shown.tls.served),
            revocationLists: [],
            expiry,
            isStored: false,
          },
        ],
  );

/** The first one stands for the server, whatever it says of itself: a self-signed one often calls itself an authority. */
const asServed = ([leaf, ...others]: readonly Certificate[]): readonly Certificate[] =>
  leaf === undefined
    ? []
    : [leaf.role === "leaf" ? leaf : { ...leaf, role: "leaf" }, ...others.filter((each) => each !== leaf)];

const storedOf = (bundle: Bundle): Found => ({ ...bundle, isStored: true });

interface Recorded {
  readonly found: Found;
  readonly certificate: Certificate;
  readonly labels: CertificateLabels;
  readonly now: number;
}

function recordCertificate(
  keeper: Keeper,
  context: CollectContext,
  { found, certificate, labels, now }: Recorded,
): void {
  const { notAfter, notBefore, role } = certificate;
  context.record(metrics.notAfter, labels, notAfter);
  context.record(metrics.notBefore, labels, notBefore);
  context.record(metrics.expired, labels, now > notAfter);
  const ari = role === "leaf" ? keeper.windowEnd(certificate) : undefined;
  context.record(metrics.renewal, labels, renewalPoint(certificate, known(ari, ownRenewalTime(found, certificate))));
  context.record(metrics.warningBefore, labels, inSecondsOf(found.expiry?.warningBefore));
  context.record(metrics.criticalBefore, labels, inSecondsOf(found.expiry?.criticalBefore));
  if (role === "leaf" || found.isStored) recordFacts(context, certificate, labels);
  if (!found.isStored) return;
  for (const check of storedChecks(keeper, certificate))
    context.record(metrics.check, { ...labels, check: check.check, reason: check.reason }, check.ok);
}

/** cert-manager tells it of one certificate, beside which its Secret holds the authorities above it: in `tls.crt` it comes first. */
function ownRenewalTime({ place, certificates: [first], renewalTime }: Found, certificate: Certificate) {
  const isOwn = certificate.role === "leaf" || (place.secret_key === "tls.crt" && certificate === first);
  return isOwn ? renewalTime : undefined;
}

const known = (ari: number | undefined, renewalTime: number | undefined) => ({
  ...(ari !== undefined && { ari }),
  ...(renewalTime !== undefined && { renewalTime }),
});

const inSecondsOf = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

function storedChecks(keeper: Keeper, certificate: Certificate): readonly CheckResult[] {
  const issuers = certificate.role === "root" ? [] : keeper.authorities.checks(certificate);
  return [...strengthChecks([certificate]), ...issuers];
}

function recordFacts(
  context: CollectContext,
  { fingerprint, key, signatureAlgorithm }: Certificate,
  labels: CertificateLabels,
): void {
  const facts = {
    ...labels,
    fingerprint_sha256: fingerprint,
    key_algorithm: key.algorithm,
    key_bits: key.bits === undefined ? "" : String(key.bits),
    signature_algorithm: signatureAlgorithm,
  };
  context.record(metrics.info, facts, 1);
}

function recordList(context: CollectContext, list: RevocationList, labels: CrlLabels, now: number): void {
  context.record(metrics.crlThisUpdate, labels, list.thisUpdate);
  context.record(metrics.crlNextUpdate, labels, list.nextUpdate);
  context.record(metrics.crlNumber, labels, list.number === undefined ? undefined : Number(list.number));
  context.record(metrics.crlStale, labels, list.nextUpdate === undefined ? undefined : now > list.nextUpdate);
  context.record(metrics.crlRevoked, labels, list.revoked.size);
}

function recordSources(sources: readonly SourceState[], context: CollectContext): void {
  for (const { source, up, error, reading, errorCounts } of sources) {
    const labels = { source_kind: source.kind, source_name: source.name };
    context.record(metrics.sourceUp, labels, up);
    context.record(metrics.sourceBundles, labels, reading?.bundles.length);
    for (const [reason, count] of errorCounts) context.record(metrics.sourceErrors, { ...labels, reason }, count);
    if (error !== undefined) context.missing(source.name, error);
    for (const missing of reading?.missing ?? []) context.missing(missing.piece, missing.error);
    for (const { where, faults } of reading?.bundles ?? [])
      if (faults.length > 0) context.missing(where, unreadable(where, faults));
    for (const managed of reading?.managed ?? []) recordManaged(managed, source.name, context);
  }
}

/** A file may have thousands of faults, and the message is shown and logged. */
const MOST_TOLD = 5;

function unreadable(where: string, faults: readonly FormatFault[]): CollectError {
  const told = faults.slice(0, MOST_TOLD).map(({ reason, detail }) => `${detail} (${FORMAT_FAULTS[reason]})`);
  const more = faults.length > MOST_TOLD ? `; and ${faults.length - MOST_TOLD} more` : "";
  return new CollectError("file_unreadable", `${where}: ${told.join("; ")}${more}`);
}

function recordManaged(of: ManagedCertificate, source_name: string, context: CollectContext): void {
  const labels = {
    source_name,
    name: of.name,
    namespace: of.namespace,
    issuer_name: of.issuerName,
    issuer_kind: of.issuerKind,
  };
  const condition = of.ready === undefined ? "Unknown" : of.ready ? "True" : "False";
  for (const each of ["True", "False", "Unknown"])
    context.record(metrics.managedReady, { ...labels, condition: each }, each === condition);
  context.record(metrics.managedExpiry, labels, of.notAfter);
  context.record(metrics.managedRenewal, labels, of.renewalTime);
  context.record(metrics.managedFailures, labels, of.failedAttempts);
}

const NAME_PARTS = ["C", "ST", "L", "O", "OU", "CN"] as const;
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
 * was made anew with the serial number of the old one, gets the beginning of its fingerprint as `discriminator`. What was
 * found in the same place before has none.
 */
class Distinct {
  /** By labels the discriminators of what has them, by fingerprint. */
  readonly #seen = new Map<string, Map<string, string>>();

  ofCertificate({ place, where }: Found, certificate: Certificate): CertificateLabels | undefined {
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

  ofList({ place, where }: Found, list: RevocationList): CrlLabels | undefined {
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
