import type { MessageSeverity } from "./message.ts";
import type { TextMap } from "./notification.ts";

const WORDS: ReadonlyMap<string, MessageSeverity> = new Map<string, MessageSeverity>([
  ...(["critical", "page", "emergency", "fatal", "p1"] as const).map((word) => [word, "critical"] as const),
  ...(["error", "high", "major", "p2"] as const).map((word) => [word, "error"] as const),
  ...(["warning", "warn", "minor", "medium", "p3"] as const).map((word) => [word, "warning"] as const),
  ...(["info", "none", "low", "notice", "debug", "p4", "p5"] as const).map((word) => [word, "info"] as const),
]);

/**
 * How urgent an alert is by its label `severity`, or else `priority`, whose words differ from rule to rule. One that
 * says nothing that is known counts as `error`: rather seen too early than too late.
 */
export function severityOf(labels: TextMap): MessageSeverity {
  for (const label of ["severity", "priority"]) {
    const found = WORDS.get((labels[label] ?? "").trim().toLowerCase());
    if (found !== undefined) return found;
  }
  return "error";
}
