import { labelReplace, or, select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import type { STORED_CHECKS } from "../checks.ts";
import { certificates, endpoints } from "../metrics.ts";

type Check = (typeof STORED_CHECKS)[number];

/** A check of what is stored and of what is served; `location` says where in both. */
const everywhere = (check: Check) =>
  or(
    select(certificates.check, { check }),
    labelReplace(select(endpoints.check, { check, endpoint: ["!=", ""] }), {
      from: "endpoint",
      pattern: "(.*)",
      to: "location",
      replacement: "$1",
    }),
  );

/** What can be asked of certificates themselves, whether stored or served. */
export const checkSignals = {
  key: signal({
    title: "Strong keys",
    help: "0 for a certificate with a key that is too weak.",
    unit: "boolean",
    expr: everywhere("key"),
  }),
  signature: signal({
    title: "Strong signatures",
    help: "0 for a certificate that was signed with a broken hash.",
    unit: "boolean",
    expr: everywhere("signature"),
  }),
  issuerOutlives: signal({
    title: "Authorities that outlive what they signed",
    help: "0 for a certificate that ends after the authority that signed it: it is refused before its own end.",
    unit: "boolean",
    expr: everywhere("issuer_outlives"),
  }),
  issuerCurrent: signal({
    title: "Signed by the newest key of the authority",
    help: "0 for a certificate of a key that the authority has replaced.",
    unit: "boolean",
    expr: everywhere("issuer_current"),
  }),
};
