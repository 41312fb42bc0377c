import { days, hours } from "../../../core/duration.ts";
import type { Plan } from "./plan.ts";

const NOTHING_WRONG = {};
const YEAR = 365;

/** Endpoints by what their own certificate is like. */
export const LEAF_PLANS = {
  good: {
    help: "shows a certificate without fault, on which its authority's revocation list says nothing",
    leaf: { crl: "good" },
    isInTarget: true,
    expectation: { revocation: ["revocation_crl"] },
  },
  expired: {
    help: "shows a certificate that ended an hour ago",
    leaf: { age: days(90), life: hours(90 * 24 - 1) },
    isInTarget: true,
    expectation: { failed: { validity: "expired" } },
  },
  not_yet_valid: {
    help: "shows a certificate that begins tomorrow",
    leaf: { age: days(-1) },
    expectation: { failed: { validity: "not_yet_valid" } },
  },
  self_signed: {
    help: "shows a certificate that signed itself",
    leaf: { issuer: "self" },
    chain: () => [],
    isInTarget: true,
    expectation: { served: 1, failed: { trust: "self_signed" } },
  },
  untrusted: {
    help: "shows a certificate of an authority that nobody trusts",
    leaf: { issuer: "stranger" },
    chain: () => [],
    expectation: { served: 1, failed: { trust: "unknown_authority" } },
  },
  wrong_host: {
    help: "shows a certificate for another host",
    leaf: { hosts: ["another-host.lab.test"] },
    expectation: { failed: { hostname: "wrong_name" } },
  },
  weak_rsa: {
    help: "shows a certificate with an RSA key of 1024 bits",
    leaf: { key: "rsa1024" },
    session: { ciphers: "DEFAULT@SECLEVEL=0" },
    expectation: { failed: { key: "weak_rsa" } },
  },
  sha1: {
    help: "shows a certificate that was signed by way of SHA-1",
    leaf: { hash: "SHA-1" },
    session: { ciphers: "DEFAULT@SECLEVEL=0" },
    expectation: { failed: { signature: "weak_sha1" } },
  },
  many_names: {
    help: "shows a certificate for a thousand hosts",
    leaf: { hosts: ["many-names.lab.test", ...Array.from({ length: 999 }, (_, i) => `host-${i}.lab.test`)] },
    expectation: NOTHING_WRONG,
  },
  no_subject: {
    help: "shows a certificate with an empty subject, as the short-lived ones of public authorities are",
    leaf: { hasSubject: false },
    expectation: NOTHING_WRONG,
  },
  no_names: {
    help: "shows a certificate without subject alternative names, as they were made long ago",
    leaf: { hosts: [] },
    expectation: { failed: { hostname: "no_names" } },
  },
  ip_address: {
    help: "shows a certificate for an IP address",
    serverName: "127.0.0.1",
    leaf: { hosts: ["127.0.0.1", "::1"] },
    expectation: NOTHING_WRONG,
  },
  wildcard: {
    help: "shows a certificate for all hosts of a domain",
    leaf: { hosts: ["*.lab.test"] },
    expectation: NOTHING_WRONG,
  },
  client_only: {
    help: "shows a certificate that is meant for clients",
    leaf: { usages: ["clientAuth"] },
    expectation: NOTHING_WRONG,
  },
  six_days: {
    help: "shows a certificate of 160 hours, a third of which is over",
    leaf: { age: hours(53), life: hours(160) },
    expectation: NOTHING_WRONG,
  },
  day_fresh: {
    help: "shows a certificate of 24 hours that is new",
    leaf: { age: hours(1), life: hours(24) },
    expectation: NOTHING_WRONG,
  },
  day_due: {
    help: "shows a certificate of 24 hours of which two thirds are over",
    leaf: { age: hours(16), life: hours(24) },
    expectation: NOTHING_WRONG,
  },
  day_warning: {
    help: "shows a certificate of 24 hours of which 20 % is left",
    leaf: { age: hours(19.2), life: hours(24) },
    isInTarget: true,
    expectation: NOTHING_WRONG,
  },
  day_critical: {
    help: "shows a certificate of 24 hours of which 5 % is left",
    leaf: { age: hours(22.8), life: hours(24) },
    isInTarget: true,
    expectation: NOTHING_WRONG,
  },
  ten_years: {
    help: "shows a certificate of ten years that the root itself signed",
    leaf: { issuer: "root", age: days(YEAR), life: days(10 * YEAR) },
    chain: () => [],
    expectation: { served: 1 },
  },
  not_reloaded: {
    help: "shows a certificate that was renewed and stored since, which the server has not noticed",
    leaf: { age: days(61) },
    isRenewed: true,
    isInTarget: true,
    expectation: { failed: { served_is_stored: "stored_is_newer" } },
  },
  outlives_issuer: {
    help: "shows a certificate that ends after the authority that signed it, which has five days left",
    leaf: { issuer: "ending" },
    chain: ({ ending }) => [ending],
    isInTarget: true,
    expectation: { failed: { issuer_outlives: "outlives_issuer" } },
  },
} as const satisfies Record<string, Plan>;
