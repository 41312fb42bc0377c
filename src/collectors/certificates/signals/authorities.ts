import {
  and,
  ascending,
  count,
  divide,
  equal,
  greater,
  group,
  labelReplace,
  less,
  max,
  min,
  or,
  select,
  time,
  unless,
  type Vector,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { certificates, endpoints, type CERTIFICATE_LABELS } from "../metrics.ts";
import { endingSoon, lifetime, SHARES, timeLeft, timeSinceEnd } from "./lifetime.ts";

type Label = (typeof CERTIFICATE_LABELS)[number] | "target";

/** What an authority is known by, wherever it is: many places hold the same one. */
const AUTHORITY = ["target", "subject_CN", "subject_O", "issuer_CN", "serial_number", "role"] as const;
const ANY = ["!=", "leaf"] as const;
const authorities = select(certificates.notAfter, { role: ANY });

/**
 * A place with more authorities than this is a store of public ones: some of its roots always end, which is its maker's
 * affair.
 */
const MOST_OWN = 50;
const PLACE = ["target", "location"] as const;
const publicStores = greater(
  count(group(authorities, { by: ["target", "location", "issuer_CN", "serial_number"] }), { by: PLACE }),
  MOST_OWN,
);

/** A folder of files that each hold one of them is such a store, too; each kubeconfig has an authority of its own. */
const inFolder = <L extends Label>(of: Vector<L | "filepath">) =>
  labelReplace(of, { from: "filepath", pattern: "(.+)/[^/]+", to: "folder", replacement: "$1" });
const FOLDER = ["target", "folder"] as const;
const publicFolders = greater(
  count(
    group(inFolder(select(certificates.notAfter, { role: ANY, filepath: ["!=", ""], embedded_kind: "" })), {
      by: [...FOLDER, "issuer_CN", "serial_number"],
    }),
    { by: FOLDER },
  ),
  MOST_OWN,
);

const SERVED = ["target", "endpoint"] as const;
const served = select(certificates.notAfter, { role: ANY, endpoint: ["!=", ""] });
const chainEnds = max(select(endpoints.lastChainExpiry, { endpoint: ["!=", ""] }), { by: SERVED });
/**
 * Authorities that end before a chain which they are served with, such as cross-signed ones that the chain does
 * without; but not those with which another endpoint's chain ends.
 */
const spare = unless(
  less(served, chainEnds, { on: SERVED, groupLeft: [] }),
  equal(served, chainEnds, { on: SERVED, groupLeft: [] }),
  { on: AUTHORITY },
);

const onePerAuthority = (of: Vector<Label | "folder">) =>
  min(unless(unless(of, publicStores, { on: PLACE }), spare, { on: AUTHORITY }), { by: AUTHORITY });

const NAME = ["target", "subject_CN", "subject_O", "subject_OU"] as const;
/** Of the authorities of one name the one that ends last: an older one has a successor. */
const newest = equal(authorities, max(authorities, { by: NAME }), { on: NAME, groupLeft: [] });
const issuers = group(greater(select(certificates.notAfter, { role: ["!=", "root"] }), time()), {
  by: ["target", "issuer_CN", "issuer_O", "issuer_OU"],
});
const asSubject = { pattern: "(.*)", replacement: "$1" };
/** Names of authorities that something was signed by which has not ended. */
const signing = labelReplace(
  labelReplace(labelReplace(issuers, { ...asSubject, from: "issuer_CN", to: "subject_CN" }), {
    ...asSubject,
    from: "issuer_O",
    to: "subject_O",
  }),
  { ...asSubject, from: "issuer_OU", to: "subject_OU" },
);

/** Without a successor, and with something that depends on it. */
const inUse = (of: Vector<Label>) => and(and(of, newest), signing, { on: NAME });

/** Authorities of which less than this share of their lifetime is left. */
export const authoritiesEndingSoon = (share: number) => {
  const ending = endingSoon({ lateness: "warning", roles: ["intermediate", "root"], chosen: ANY }, share);
  return onePerAuthority(or(unless(inFolder(ending), publicFolders, { on: FOLDER }), inUse(ending)));
};

/** Authorities in use of which next to nothing is left. */
export const authoritiesEndingNow = (share: number) =>
  onePerAuthority(inUse(endingSoon({ lateness: "critical", roles: ["intermediate", "root"], chosen: ANY }, share)));

/** What can be asked of certificates of authorities. */
export const authoritySignals = {
  authorityShare: signal({
    title: "Lifetime left of authorities",
    help: "Share of the lifetime that is left, the least first; below 0 it has ended.",
    unit: "ratio",
    expr: ascending(min(divide(timeLeft(ANY), lifetime(ANY)), { by: AUTHORITY })),
  }),
  authorityLeft: signal({
    title: "Time left",
    help: "Time until each authority's certificate ends; negative for those that have ended.",
    unit: "seconds",
    expr: min(timeLeft(ANY), { by: AUTHORITY }),
  }),
  authorityEnds: signal({
    title: "Ends",
    help: "When each authority's certificate ends.",
    unit: "timestamp",
    expr: min(authorities, { by: AUTHORITY }),
  }),
  authorityPlaces: signal({
    title: "Places",
    help: "How many places hold or serve it.",
    unit: "none",
    expr: count(group(authorities, { by: [...AUTHORITY, "location"] }), { by: AUTHORITY }),
  }),
  authoritySinceEnd: signal({
    title: "Authorities in use that have ended",
    help: "For how long; everything that they signed is refused.",
    unit: "seconds",
    expr: onePerAuthority(inUse(greater(timeSinceEnd(ANY), 0))),
  }),
  authorityEndingNow: signal({
    title: "Authorities in use about to end",
    help: "Time left of those with less than a tenth of their lifetime, and less than 30 days (intermediate) or 180 days (root).",
    unit: "seconds",
    expr: authoritiesEndingNow(SHARES.critical),
  }),
  authorityEndingSoon: signal({
    title: "Authorities that end soon",
    help: "Time left of those with less than a quarter of their lifetime, and less than 60 days (intermediate) or 365 days (root).",
    unit: "seconds",
    expr: authoritiesEndingSoon(SHARES.warning),
  }),
};
