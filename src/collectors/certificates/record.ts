import type { CollectContext } from "../../core/pack.ts";
import type { Certificate, RevocationList } from "./certificate.ts";
import type { CheckResult } from "./checks.ts";
import type { Bundle, ExpiryOverride, PlaceLabels } from "./inventory.ts";
import { renewalPoint } from "./judge/renewal.ts";
import { strengthChecks } from "./judge/strength.ts";
import type { Keeper } from "./keeper.ts";
import { DistinctLabels, type CertificateLabels, type CrlLabels } from "./labels.ts";
import { certificates as metrics } from "./metrics.ts";
import { recordSources } from "./record-sources.ts";

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

/**
 * Records every certificate and revocation list that the keeper knows, and how the sources are; `now` is in Unix
 * seconds.
 */
export function recordCertificates(keeper: Keeper, context: CollectContext, now: number): void {
  recordSources(keeper.sources, context);
  for (const { piece, error } of keeper.renewalFaults) context.missing(piece, error);
  recordInventory(keeper, context, now);
}

function recordInventory(keeper: Keeper, context: CollectContext, now: number): void {
  const labels = new DistinctLabels();
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

/**
 * The first one stands for the server, whatever it says of itself: a self-signed one often calls itself an authority.
 */
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

/**
 * cert-manager tells it of one certificate, beside which its Secret holds the authorities above it: in `tls.crt` it
 * comes first.
 */
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
