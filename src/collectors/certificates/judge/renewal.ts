import type { Certificate } from "../certificate.ts";

/**
 * Longer than any public leaf may live since 2026-03-15 (CA/B SC-081): such ones are renewed by hand, when somebody
 * thinks of it.
 */
const LONGEST_AUTOMATIC_LIFE_S = 200 * 86_400;
const RENEWED_AFTER = 2 / 3;
/** An ACME authority may suggest to wait until the very end; that is too late to learn of it. */
const LATEST = 0.9;

/** What is known of when a certificate should be renewed, in Unix seconds. */
export interface KnownRenewal {
  /** End of the window that its ACME authority suggests (RFC 9773). */
  readonly ari?: number;
  /** cert-manager's renewal time. */
  readonly renewalTime?: number;
}

/**
 * When a certificate should have been renewed, in Unix seconds and within its lifetime; at the latest when a tenth of
 * that is left. Undefined for authorities and for leaves of more than 200 days of which nobody says it.
 */
export function renewalPoint(certificate: Certificate, known: KnownRenewal): number | undefined {
  const { notBefore, notAfter } = certificate;
  const life = notAfter - notBefore;
  const wanted = known.ari ?? known.renewalTime ?? usualPoint(certificate, life);
  if (wanted === undefined || life <= 0) return undefined;
  return Math.max(notBefore, Math.min(wanted, notBefore + life * LATEST));
}

function usualPoint({ role, notBefore }: Certificate, life: number): number | undefined {
  return role === "leaf" && life <= LONGEST_AUTOMATIC_LIFE_S ? notBefore + life * RENEWED_AFTER : undefined;
}
