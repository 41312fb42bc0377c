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

/** Stored leaves: those of each named file, and the newest of each set of names and kind of key. */
interface StoredLeaves {
  readonly byFile: ReadonlyMap<string, StoredLeaf>;
  readonly byNames: ReadonlyMap<string, ReadonlyMap<string, StoredLeaf>>;
}

/** What servers take their certificates from. */
const KINDS: ReadonlySet<SourceKind> = new Set<SourceKind>(["file", "kube-secret", "url"]);

/**
 * Compares the leaf that an endpoint serves with the file that it was given, else with the newest stored one that has the
 * same names; undefined where nothing is stored for it. Servers may have a certificate for each kind of key, so one of
 * another kind counts only where none of the same is stored. The bundles are looked through once for each array.
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
  return newest(byKey?.get(leaf.key.algorithm) ?? newestOf(byKey), leaf);
}

function inFile(stored: StoredLeaf | undefined, leaf: Certificate): StoredJudgement | undefined {
  if (stored === undefined) return undefined;
  const same = stored.certificate.fingerprint === leaf.fingerprint;
  return { where: stored.where, result: same ? PASSED : failed("served_is_stored", "stored_differs") };
}

function newest(stored: StoredLeaf | undefined, leaf: Certificate): StoredJudgement | undefined {
  if (stored === undefined) return undefined;
  if (stored.certificate.fingerprint === leaf.fingerprint) return { where: stored.where, result: PASSED };
  if (stored.certificate.notBefore <= leaf.notBefore) return undefined;
  return { where: stored.where, result: failed("served_is_stored", "stored_is_newer") };
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
  const byNames = new Map<string, Map<string, StoredLeaf>>();
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

function addByNames(byNames: Map<string, Map<string, StoredLeaf>>, stored: StoredLeaf): void {
  const { certificate } = stored;
  const names = namesOf(certificate);
  const byKey = byNames.get(names) ?? new Map<string, StoredLeaf>();
  const known = byKey.get(certificate.key.algorithm);
  byKey.set(certificate.key.algorithm, known === undefined ? stored : newer(known, stored));
  byNames.set(names, byKey);
}

const newestOf = (byKey: ReadonlyMap<string, StoredLeaf> | undefined): StoredLeaf | undefined =>
  [...(byKey?.values() ?? [])].toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore)[0];

const newer = (one: StoredLeaf, other: StoredLeaf): StoredLeaf =>
  other.certificate.notBefore > one.certificate.notBefore ? other : one;

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
