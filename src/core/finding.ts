import { asCollectError, COLLECT_REASONS } from "./errors.ts";
import type { Finding } from "./pack.ts";

/** The line of `check --connect` for what failed: reason, message and what to do. */
export function failedFinding(subject: string, thrown: unknown): Finding {
  const { reason, message } = asCollectError(thrown);
  return { subject, ok: false, message: `${reason}: ${message}. ${COLLECT_REASONS[reason].action}` };
}
