import { CollectError } from "../../core/errors.ts";
import type { BundleQuestion } from "../../core/evidence.ts";
import type { ChangeSource } from "../../core/telemetry.ts";
import { ask, type AskOptions } from "../../correlation/ask.ts";
import { changesSpan } from "../../correlation/gather.ts";

/** A question with the other alerts that are known, and who tells of them. */
interface AlertsKnown {
  readonly question: BundleQuestion;
  readonly sources: readonly ChangeSource[];
}

/**
 * Puts the other alerts that are known now into a question that has none yet: one that fires anew has another beginning
 * then, and the first one is forgotten. Never fails: what can not be read is told by the source.
 */
export async function withOtherAlerts(
  question: BundleQuestion,
  source: ChangeSource | undefined,
  options: AskOptions,
): Promise<AlertsKnown> {
  const { otherAlerts } = question;
  const name = source?.name ?? "alerts";
  if (otherAlerts !== undefined)
    return { question, sources: [{ name, read: async () => ({ ...otherAlerts, queries: [] }) }] };
  const { span, names } = changesSpan(question);
  const outcome = await ask(`changes ${name}`, source, (one, signal) => one.read(span, signal, names), options);
  switch (outcome.state) {
    case "not_configured":
      return { question, sources: [] };
    case "down": {
      const { reason, message } = outcome;
      return { question, sources: [{ name, read: () => Promise.reject(new CollectError(reason, message)) }] };
    }
    case "read": {
      const { changes, notes } = outcome.reading;
      const known = { ...question, otherAlerts: { changes, notes } };
      return { question: known, sources: [{ name, read: async () => outcome.reading }] };
    }
  }
}
