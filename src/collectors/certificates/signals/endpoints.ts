import { days, hours, inSeconds, minutes, type Duration } from "../../../core/duration.ts";
import {
  and,
  count,
  equal,
  greater,
  labelReplace,
  less,
  max,
  maxOverTime,
  min,
  minOverTime,
  or,
  select,
  subtract,
  time,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import type { EndpointCheck } from "../checks.ts";
import { certificates, endpoints } from "../metrics.ts";
import { timeLeft, timeSinceBegin } from "./lifetime.ts";

/** Series of a blackbox_exporter in the same Prometheus have the same names, and no endpoint. */
const OURS = { endpoint: ["!=", ""] } as const;
const ENDPOINT = ["target", "endpoint"] as const;

/** 1 for each endpoint that passes a check, 0 with the reason for one that does not. */
const checked = (check: EndpointCheck) => select(endpoints.check, { ...OURS, check });
const reachable = max(select(endpoints.success, OURS), { by: ENDPOINT });

/** Grace between storing and serving: a certificate that lives longer than this is given {@link RELOADED_WITHIN}. */
const LONG_LIVED = inSeconds(days(12));
const RELOADED_WITHIN = hours(6);

const outdated = equal(checked("served_is_stored"), 0);
const shortLived = less(
  subtract(
    min(select(certificates.notAfter, { ...OURS, role: "leaf" }), { by: ENDPOINT }),
    max(select(certificates.notBefore, { ...OURS, role: "leaf" }), { by: ENDPOINT }),
  ),
  LONG_LIVED,
);
/** Behind a load balancer one probe in two or three meets the server that was forgotten: so long it counts. */
const SEEN_WITHIN = minutes(15);
const outdatedWithin = (span: Duration, ago?: Duration) =>
  equal(
    minOverTime(select(endpoints.check, { ...OURS, check: "served_is_stored", reason: ["!=", ""] }).over(span, ago)),
    0,
  );
const seenOutdated = outdatedWithin(SEEN_WITHIN);

/** Endpoints that go on with the old certificate for longer than its lifetime allows. */
export const renewedNotServed = or(
  or(
    and(outdated, shortLived, { on: ENDPOINT }),
    and(and(seenOutdated, outdatedWithin(SEEN_WITHIN, SEEN_WITHIN)), shortLived, { on: ENDPOINT }),
  ),
  and(seenOutdated, outdatedWithin(minutes(30), RELOADED_WITHIN)),
);

const failures = select(endpoints.failure, OURS);
const down = equal(reachable, 0);
/** Else each change of the reason would be another alert, which waits anew. */
const severalReasons = greater(
  count(max(maxOverTime(failures.over(SEEN_WITHIN)), { by: [...ENDPOINT, "reason"] }), { by: ENDPOINT }),
  1,
);

/** Endpoints without a TLS session, by the reason why; of several Watchkeepers one is enough that gets through. */
export const endpointDown = or(
  and(unless(max(failures, { by: [...ENDPOINT, "reason"] }), severalReasons, { on: ENDPOINT }), down, { on: ENDPOINT }),
  labelReplace(and(down, severalReasons), {
    from: "endpoint",
    pattern: ".*",
    to: "reason",
    replacement: "several reasons",
  }),
);

const outsideItsDates = or(less(timeLeft("leaf", OURS), 0), less(timeSinceBegin("leaf", OURS), 0));

/** Endpoints whose chain is outside its dates though the leaf is within its own. */
export const chainExpired = unless(equal(checked("validity"), 0), outsideItsDates, { on: ENDPOINT });

const stapledBad = equal(checked("revocation_ocsp"), 0);
const stapledRevoked = select(endpoints.check, { ...OURS, check: "revocation_ocsp", reason: "revoked" });

const listed = equal(checked("revocation_crl"), 0);

/** Endpoints whose certificate was revoked, by its authority's list or else by the answer that they staple. */
export const revoked = or(listed, unless(and(stapledBad, stapledRevoked), listed, { on: ENDPOINT }));

/** Endpoints that staple an OCSP answer which is of no use to clients. */
export const stapledUseless = unless(stapledBad, stapledRevoked);

const check = (title: string, of: EndpointCheck, help: string) =>
  signal({ title, help, unit: "boolean", expr: checked(of) });

/** A column of the table of checks: whether an endpoint passes it, or all of several. */
const passes = (title: string, help: string, ...of: readonly EndpointCheck[]) =>
  signal({
    title,
    help,
    unit: "boolean",
    expr: min(select(endpoints.check, { ...OURS, check: ["=~", of.join("|")] }), { by: ENDPOINT }),
  });

/** What can be asked of endpoints. */
export const endpointSignals = {
  reachable: signal({
    title: "Endpoints that answer",
    help: "0 for an endpoint with which no TLS session came about, whatever its certificate.",
    unit: "boolean",
    expr: reachable,
  }),
  unreachable: signal({
    title: "Endpoints without a TLS session",
    help: "And why.",
    unit: "boolean",
    expr: endpointDown,
  }),
  trust: check("Trusted", "trust", "0 where no chain leads to an authority that is trusted here."),
  hostname: check("Right name", "hostname", "0 where the certificate was made for other names."),
  validity: check(
    "Chain within its dates",
    "validity",
    "0 where a certificate of the chain has ended or is not valid yet.",
  ),
  chainComplete: check("Whole chain", "chain_complete", "0 where an intermediate certificate is left out."),
  chainOrder: check("Chain in order", "chain_order", "0 where the chain is misordered or holds what nobody needs."),
  revocationList: check("Not on the CRL", "revocation_crl", "0 where the authority's list has the certificate."),
  stapled: check("OCSP answer good", "revocation_ocsp", "0 where the stapled answer is not good, or not right."),
  protocol: check("TLS 1.2 or later", "protocol", "0 where the session uses an earlier version."),
  cipher: check("Strong cipher", "cipher", "0 where the session's cipher is weak."),
  servedIsStored: check("Newest served", "served_is_stored", "0 where a newer one is stored than is served."),
  hostnamePasses: passes("Name", "Whether the certificate was made for the name.", "hostname"),
  trustPasses: passes("Trust", "Whether a chain leads to a trusted authority.", "trust"),
  validityPasses: passes("Dates", "Whether now is within the dates of the whole chain.", "validity"),
  chainPasses: passes("Chain", "Whether the chain is whole and in order.", "chain_complete", "chain_order"),
  keyPasses: passes("Strength", "Whether keys and signatures are strong.", "key", "signature"),
  protocolPasses: passes("Version", "Whether TLS 1.2 or later is used.", "protocol"),
  cipherPasses: passes("Cipher", "Whether the cipher is strong.", "cipher"),
  revocationPasses: passes(
    "Not revoked",
    "Whether neither the list nor the stapled answer says otherwise.",
    "revocation_crl",
    "revocation_ocsp",
  ),
  newestPasses: passes(
    "Newest",
    "Whether it is what is stored, and signed by the newest key of its authority.",
    "served_is_stored",
    "issuer_current",
    "issuer_outlives",
  ),
  failing: signal({
    title: "Checks that fail",
    help: "Each check of each endpoint that fails, and why.",
    unit: "boolean",
    expr: equal(max(select(endpoints.check, OURS), { by: ["target", "endpoint", "check", "reason"] }), 0),
  }),
  chainLeft: signal({
    title: "Time until the verified chain ends",
    help: "Of the chain that lasts longest; nothing where none leads to a trusted authority.",
    unit: "seconds",
    expr: subtract(min(select(endpoints.lastChainExpiry, OURS), { by: ENDPOINT }), time()),
  }),
  versions: signal({
    title: "TLS versions",
    help: "How many endpoints use each version.",
    unit: "none",
    expr: count(max(select(endpoints.tlsVersion, OURS), { by: [...ENDPOINT, "version"] }), { by: ["version"] }),
  }),
  ciphers: signal({
    title: "Ciphers",
    help: "How many endpoints use each cipher.",
    unit: "none",
    expr: count(max(select(endpoints.tlsCipher, OURS), { by: [...ENDPOINT, "cipher"] }), { by: ["cipher"] }),
  }),
  duration: signal({
    title: "Duration of a probe",
    help: "From the name's resolution to the end of the handshake; a rise shows a slow server or resolver.",
    unit: "seconds",
    expr: max(select(endpoints.duration, OURS), { by: ENDPOINT }),
  }),
};
