const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;
/** No destination may put deliveries off for longer by its Retry-After: it may be wrong, or lie. */
export const LONGEST_RETRY_AFTER_MS = 15 * 60_000;

/**
 * How long to wait after that many attempts that failed: full jitter, so that what failed together does not come back
 * together. Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(
  attempts: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 16));
  const jittered = Math.max(FIRST_MS / 4, random() * ceiling);
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
}
