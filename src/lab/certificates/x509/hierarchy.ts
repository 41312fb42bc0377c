import { days } from "../../../core/duration.ts";
import { makeCertificate, type CertificateWish, type Entity } from "./issuing.ts";

/** The authorities of the lab, and what they signed for themselves. */
export interface Hierarchy {
  /** Lives 20 years; it is the one that is trusted. */
  readonly root: Entity;
  /** A root that nobody trusts. */
  readonly stranger: Entity;
  /** Signed by the root; lives five years. */
  readonly intermediate: Entity;
  /** Signed by the intermediate, so that its leaves have a chain of two. */
  readonly issuing: Entity;
  /** Signed by the root; it ends in five days. */
  readonly ending: Entity;
  /** The root to come, which is not trusted yet; `crossSigned` is its key with the signature of `root`. */
  readonly nextRoot: Entity;
  readonly crossSigned: Entity;
  /** Signed by `nextRoot`. */
  readonly nextIntermediate: Entity;
  /** Signs OCSP answers for the intermediate. */
  readonly responder: Entity;
  /** Shown by clients to the servers that want to see one. */
  readonly client: Entity;
}

/** The authorities by name. */
export type AuthorityName = "root" | "stranger" | "intermediate" | "issuing" | "ending" | "nextIntermediate";

/** Makes all authorities, as they would be at `now`, in Unix milliseconds. */
export async function makeHierarchy(now: number): Promise<Hierarchy> {
  const authority = (commonName: string, from: number, to: number, wish: Partial<CertificateWish> = {}) =>
    makeCertificate({ commonName, isAuthority: true, ...period(now, from, to), ...wish });
  const root = await authority("Watchkeeper Lab Root", -2 * YEAR, 18 * YEAR);
  const intermediate = await makeIntermediate(root, now, -YEAR);
  const nextRoot = await authority("Watchkeeper Lab Next Root", -30, 20 * YEAR);
  const short = period(now, -20, 70);
  return {
    root,
    intermediate,
    nextRoot,
    stranger: await authority("Nobody's Root", -YEAR, 9 * YEAR),
    issuing: await authority("Watchkeeper Lab Issuing", -YEAR, 2 * YEAR, { issuer: intermediate }),
    ending: await authority("Watchkeeper Lab Ending", -5 * YEAR + 5, 5, { issuer: root }),
    crossSigned: await authority("Watchkeeper Lab Next Root", -30, 5 * YEAR, { issuer: root, key: nextRoot.keys }),
    nextIntermediate: await authority("Watchkeeper Lab Next Intermediate", -30, 5 * YEAR, { issuer: nextRoot }),
    responder: await makeCertificate({
      commonName: "Watchkeeper Lab Responder",
      issuer: intermediate,
      usages: ["OCSPSigning"],
      ...short,
    }),
    client: await makeCertificate({
      commonName: "Watchkeeper Lab Client",
      issuer: intermediate,
      usages: ["clientAuth"],
      ...short,
    }),
  };
}

/**
 * Makes an intermediate authority with a new key and the name of the one before it, valid since `from` days after
 * `now`.
 */
export const makeIntermediate = (root: Entity, now: number, from: number): Promise<Entity> =>
  makeCertificate({
    commonName: "Watchkeeper Lab Intermediate",
    isAuthority: true,
    issuer: root,
    ...period(now, from, from + 5 * YEAR),
  });

const YEAR = 365;

/** From and to in days after `now`. */
const period = (now: number, from: number, to: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(now + days(from)),
  notAfter: new Date(now + days(to)),
});
