import type { DeliveryAction } from "../../core/notifier.ts";
import type { AttemptReport } from "./conversation-report.ts";

const SHORT_ID = 8;

/** The id of a delivery as people see and type it: its beginning, which the command line takes. */
export const shortId = (id: string): string => id.slice(0, SHORT_ID);

/** What an attempt was to bring about, in words. */
export const ACTION_WORDS = {
  open: "new message",
  update: "change",
  remind: "reminder",
  close: "end",
} as const satisfies Record<DeliveryAction, string>;

/**
 * Whether an attempt is the first of a list that failed for its reason: what that means is told once, not fifty times.
 */
export const isFirstOfReason = (attempts: readonly AttemptReport[], i: number): boolean =>
  attempts.findIndex(({ failure }) => failure?.reason === attempts[i]?.failure?.reason) === i;
