import type { LogLevel } from "../../core/telemetry.ts";

/** Words of failures, for lines that say no level, and for those who log failures as information. */
const FAILURE =
  /\b(?:abort|abnormal|backoff|broken|cannot|can not|corrupt|crash|critical|degraded|denied|dead|deadlock|emergency|err|error|exceed|exception|exhausted|expired|fail|fatal|full|invalid|kill|lost|no space|not found|oom|panic|refused|reject|reset|slow|stuck|time[d]?[ -]?out|traceback|unable|unauthorized|unavailable|unexpected|unhealthy|unreachable|untrusted|violat)/i;

const WEIGHTS: Readonly<Record<LogLevel, number>> = {
  fatal: 1,
  error: 1,
  warn: 0.9,
  info: 0.6,
  debug: 0.5,
  trace: 0.4,
};

/**
 * How much a pattern of this level and wording is about a failure, from 0 to 1: to choose among equals, and no proof.
 */
export function severityOf(level: LogLevel | undefined, template: string): number {
  const byWords = FAILURE.test(template) ? 0.85 : 0.6;
  return level === undefined ? byWords : Math.max(WEIGHTS[level], byWords === 0.85 ? 0.8 : 0);
}

/** From here on a pattern tells of a failure. */
export const FAILURE_SEVERITY = 0.8;
