import type { Plan } from "./plan.ts";

const OCSP = ["revocation_ocsp"] as const;
const CRL = ["revocation_crl"] as const;

/** Endpoints by what is known of the revocation of their certificate. */
export const REVOCATION_PLANS = {
  ocsp_good: {
    help: "staples an OCSP answer that says good",
    staple: "good",
    expectation: { revocation: OCSP },
  },
  ocsp_delegated: {
    help: "staples an OCSP answer that a responder of the authority signed",
    staple: "delegated",
    expectation: { revocation: OCSP },
  },
  ocsp_revoked: {
    help: "staples an OCSP answer that says revoked",
    staple: "revoked",
    isInTarget: true,
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "revoked" } },
  },
  ocsp_unknown: {
    help: "staples an OCSP answer that says unknown",
    staple: "unknown",
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "unknown" } },
  },
  ocsp_stale: {
    help: "staples an OCSP answer that should have been replaced an hour ago",
    staple: "stale",
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "stale" } },
  },
  ocsp_wrong_signer: {
    help: "staples an OCSP answer that another authority signed",
    staple: "wrong_signer",
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "invalid" } },
  },
  ocsp_other_certificate: {
    help: "staples an OCSP answer about another certificate",
    staple: "other_certificate",
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "invalid" } },
  },
  ocsp_try_later: {
    help: "staples the responder's word that it is busy",
    staple: "try_later",
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "invalid" } },
  },
  ocsp_garbage: {
    help: "staples bytes that are no OCSP answer",
    staple: "garbage",
    expectation: { revocation: OCSP, failed: { revocation_ocsp: "invalid" } },
  },
  crl_revoked: {
    help: "shows a certificate that is on its authority's revocation list",
    leaf: { crl: "good", isRevoked: true },
    isInTarget: true,
    expectation: { revocation: CRL, failed: { revocation_crl: "revoked" } },
  },
  crl_stale: {
    help: "shows a certificate whose authority's revocation list should have been replaced an hour ago",
    leaf: { crl: "stale" },
    expectation: {},
  },
  crl_wrong_signer: {
    help: "shows a certificate whose authority's revocation list another authority signed",
    leaf: { crl: "wrong_signer" },
    expectation: {},
  },
  crl_garbage: {
    help: "shows a certificate in the place of whose revocation list is something else",
    leaf: { crl: "garbage" },
    expectation: {},
  },
  crl_missing: {
    help: "shows a certificate whose revocation list is answered 404",
    leaf: { crl: "missing" },
    expectation: {},
  },
  crl_hangs: {
    help: "shows a certificate whose revocation list never comes",
    leaf: { crl: "hangs" },
    expectation: {},
  },
} as const satisfies Record<string, Plan>;
