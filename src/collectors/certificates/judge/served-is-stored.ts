import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Bundle, SourceKind } from "../inventory.ts";
import { covers, normalAddress, normalPattern } from "./hostname.ts";

/** The check `served_is_stored`, and where the certificate is stored that it was made with. */
export interface StoredJudgement {
  readonly result: CheckResult;
  /** The place in words. */
  readonly where: string;
}

interface StoredLeaf {
  readonly certificate: Certificate;
  readonly where: string;
}

/** Stored leaves: the first of each file, and all of each set of names and kind of key. */
interface StoredLeaves {
  readonly byFile: ReadonlyMap<string, StoredLeaf>;
  readonly byNames: ReadonlyMap<string, ReadonlyMap<string, readonly StoredLeaf[]>>;
}

/** What servers take their certificates from. */
const KINDS: ReadonlySet<SourceKind> = new Set<SourceKind>(["file", "kube-secret", "url"]);

/**
 * Compares the leaf that an endpoint serves with the file that it was given, else with the stored ones that have the
 * same names; undefined where nothing is stored for it. One is newer when it began later and ends no earlier: another
 * authority's, which lives for a day, is no renewal of one for months. Servers may have a certificate for each kind of
 * key, so those of another kind count only where none of the same is stored. The bundles are looked through once for
 * each array.
 */
export function servedIsStored(
  endpoint: Pick<Endpoint, "storedFile" | "serverName">,
  leaf: Certificate,
  bundles: readonly Bundle[],
): StoredJudgement | undefined {
  const leaves = storedLeaves(bundles);
  if (endpoint.storedFile !== undefined) return inFile(leaves.byFile.get(endpoint.storedFile), leaf);
  if (!covers(leaf, endpoint.serverName)) return undefined;
  const byKey = leaves.byNames.get(namesOf(leaf));
  return newest(byKey?.get(leaf.key.algorithm) ?? [...(byKey?.values() ?? [])].flat(), leaf);
}

function inFile(stored: StoredLeaf | undefined, leaf: Certificate): StoredJudgement | undefined {
  if (stored === undefined) return undefined;
  const same = stored.certificate.fingerprint === leaf.fingerprint;
  return { where: stored.where, result: same ? PASSED : failed("served_is_stored", "stored_differs") };
}

function newest(stored: readonly StoredLeaf[], leaf: Certificate): StoredJudgement | undefined {
  const [renewed] = stored
    .filter(({ certificate: { notBefore, notAfter } }) => notBefore > leaf.notBefore && notAfter >= leaf.notAfter)
    .toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore);
  if (renewed !== undefined) return { where: renewed.where, result: failed("served_is_stored", "stored_is_newer") };
  const same = stored.find(({ certificate: { fingerprint } }) => fingerprint === leaf.fingerprint);
  return same && { where: same.where, result: PASSED };
}

const PASSED = passed("served_is_stored");

const seen = new WeakMap<readonly Bundle[], StoredLeaves>();

function storedLeaves(bundles: readonly Bundle[]): StoredLeaves {
  const known = seen.get(bundles) ?? readLeaves(bundles);
  seen.set(bundles, known);
  return known;
}

function readLeaves(bundles: readonly Bundle[]): StoredLeaves {
  const byFile = new Map<string, StoredLeaf>();
  const byNames = new Map<string, Map<string, StoredLeaf[]>>();
  for (const { kind, place, where, certificates } of bundles) {
    // The first may be an authority by its flag: self-signed ones of servers often are.
    const first = certificates.find(({ role }) => role === "leaf") ?? certificates[0];
    if (place.filepath !== undefined && kind === "file" && first !== undefined)
      byFile.set(place.filepath, { certificate: first, where });
    if (!KINDS.has(kind)) continue;
    for (const certificate of certificates) addByNames(byNames, { certificate, where });
  }
  return { byFile, byNames };
}

function addByNames(byNames: Map<string, Map<string, StoredLeaf[]>>, stored: StoredLeaf): void {
  const { key } = stored.certificate;
  const names = namesOf(stored.certificate);
  const byKey = byNames.get(names) ?? new Map<string, StoredLeaf[]>();
  byNames.set(names, byKey);
  byKey.set(key.algorithm, byKey.get(key.algorithm) ?? []);
  byKey.get(key.algorithm)?.push(stored);
}

const names = new WeakMap<Certificate, string>();

/** All names in a fixed order, so that two certificates with the same ones have the same text. */
function namesOf(certificate: Certificate): string {
  const known = names.get(certificate);
  if (known !== undefined) return known;
  const { dnsNames, ipAddresses } = certificate;
  const all = new Set([...dnsNames.map(normalPattern), ...ipAddresses.map((text) => normalAddress(text) ?? text)]);
  const text = [...all].toSorted().join("\n");
  names.set(certificate, text);
  return text;
}
