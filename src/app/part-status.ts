import type { Duration } from "../core/duration.ts";
import { COLLECT_REASONS, type CollectError, type CollectReason } from "../core/errors.ts";
import type { PartKey } from "../core/pack.ts";

/** A failure that was seen, for people. */
export interface SeenError {
  readonly reason: CollectReason;
  readonly message: string;
  /** The piece of the target that failed, such as a node; undefined for the whole part. */
  readonly piece?: string;
}

/** How the newest poll of a part ended; `pending` before the first one did. */
export type Outcome = "pending" | "success" | "no_data" | "failed";

/** What is known of one part of one target; times are Unix milliseconds. */
export interface PartStatus extends PartKey {
  title: string;
  every: Duration;
  /** Whether another replica has the target, or none: nothing is known of the part here then. */
  isElsewhere?: boolean;
  outcome: Outcome;
  /** What `NoData` said. */
  note?: string | undefined;
  endedAt?: number;
  lastSuccessAt?: number;
  durationMs?: number;
  /** Failures of the newest poll: of the whole part, or of pieces of it. */
  errors: readonly SeenError[];
  /** All failures since the start, by reason; every reason is there from the beginning. */
  readonly errorCounts: Map<CollectReason, number>;
}

/** The status of a part that was not polled yet. */
export function pendingStatus({ collector, target, part }: PartKey): Omit<PartStatus, "title" | "every"> {
  const reasons = Object.keys(COLLECT_REASONS) as CollectReason[];
  return { collector, target, part, outcome: "pending", errors: [], errorCounts: new Map(reasons.map((r) => [r, 0])) };
}

/** A text that is equal for equal keys. */
export const partKeyText = ({ collector, target, part }: PartKey): string => `${collector}/${target}/${part}`;

/** A failure as it is shown. */
export function seenError({ reason, message }: CollectError, piece?: string): SeenError {
  return { reason, message, ...(piece !== undefined && { piece }) };
}
