import type { Logger } from "pino";
import { inSeconds, milliseconds, type Duration } from "../core/duration.ts";
import type { CollectReason } from "../core/errors.ts";
import { Recorder, type Snapshot } from "../core/metric.ts";
import type { PartKey, Target } from "../core/pack.ts";
import { partMetrics } from "../core/self-metrics.ts";
import { partKeyText, pendingStatus, type PartStatus, type SeenError } from "./part-status.ts";
import type { PollResult } from "./poll.ts";
import { targetKey } from "./target-key.ts";

/** Where finished snapshots go. */
export interface Publisher {
  /** Shows the snapshot of a part until it is that old. */
  publish(key: PartKey, snapshot: Snapshot, staleAfter: Duration): Promise<void>;
  /** Shows what is known of the part itself; never stale. */
  publishStatus(key: PartKey, snapshot: Snapshot): Promise<void>;
  /** Hides the part's values; what is known of the part itself stays. */
  withdraw(key: PartKey): void;
  /** Forgets everything of these parts. */
  removeAll(isGone: (key: PartKey) => boolean): void;
}

/** Polls after which values that were not renewed are no longer shown. */
const STALE_AFTER_INTERVALS = 3;

/** Keeps what is known of each part, and publishes it and its values. */
export class StatusBoard {
  readonly #statuses = new Map<string, PartStatus>();
  readonly #publisher: Publisher;
  readonly #log: Logger;

  constructor(publisher: Publisher, log: Logger) {
    this.#publisher = publisher;
    this.#log = log;
  }

  /** Every part, in the order of the configuration. */
  statuses(): readonly PartStatus[] {
    return [...this.#statuses.values()];
  }

  /**
   * Takes up the targets of a new configuration: known parts keep what is known of them, others are forgotten. New ones
   * are shown at once, or only when {@link show} names them.
   */
  async replace(targets: readonly Target[], { showsNew = true } = {}): Promise<void> {
    const known = new Map(this.#statuses);
    this.#statuses.clear();
    for (const target of targets) {
      for (const { id, title, every } of target.parts) {
        const key = { collector: target.collector, target: target.name, part: id };
        const text = partKeyText(key);
        const before = known.get(text);
        known.delete(text);
        this.#statuses.set(text, {
          ...(before ?? { ...pendingStatus(key), isElsewhere: !showsNew }),
          title,
          every: milliseconds(every * target.pace),
        });
      }
    }
    if (known.size > 0) this.#publisher.removeAll((key) => known.has(partKeyText(key)));
    await Promise.all(this.statuses().map((status) => this.#publishStatus(status)));
  }

  /**
   * Shows the parts of these targets and of no others: what was known of those is forgotten and hidden before this
   * returns.
   */
  show(targets: ReadonlySet<Target>): void {
    const shown = new Set([...targets].map(targetKey));
    const isShown = ({ collector, target }: PartKey): boolean => shown.has(targetKey({ collector, name: target }));
    const changed = this.statuses().filter((status) => isShown(status) === (status.isElsewhere ?? false));
    const gone = new Set(changed.filter((status) => !isShown(status)).map(partKeyText));
    if (gone.size > 0) this.#publisher.removeAll((key) => gone.has(partKeyText(key)));
    for (const status of changed) {
      const { title, every } = status;
      const begun: PartStatus = { ...pendingStatus(status), title, every, isElsewhere: !isShown(status) };
      this.#statuses.set(partKeyText(status), begun);
      this.#publishStatus(begun).catch((thrown: unknown) => {
        const { collector, target, part } = status;
        this.#log.error({ collector, target, part, err: thrown }, "the state of a part could not be published");
      });
    }
  }

  /** Takes in the result of a poll; that of a part which the configuration no longer holds is dropped. */
  async report(key: PartKey, result: PollResult): Promise<void> {
    const status = this.#statuses.get(partKeyText(key));
    if (status === undefined || status.isElsewhere) return;
    this.#logChange(status, result);
    status.outcome = result.outcome;
    status.note = result.outcome === "no_data" ? result.note : undefined;
    status.errors = result.errors;
    status.endedAt = Date.now();
    status.durationMs = result.durationMs;
    if (result.outcome !== "failed") status.lastSuccessAt = status.endedAt;
    for (const { reason } of result.errors) status.errorCounts.set(reason, (status.errorCounts.get(reason) ?? 0) + 1);
    if (result.outcome !== "no_data" && result.snapshot !== undefined) {
      await this.#publisher.publish(key, result.snapshot, milliseconds(status.every * STALE_AFTER_INTERVALS));
    }
    if (result.outcome === "no_data") this.#publisher.withdraw(key);
    await this.#publishStatus(status);
  }

  async #publishStatus(status: PartStatus): Promise<void> {
    // it may have been forgotten while its values were published
    if (status.isElsewhere || this.#statuses.get(partKeyText(status)) !== status) return;
    const recorder = new Recorder();
    const labels = { collector: status.collector, part: status.part };
    recorder.record(
      partMetrics.success,
      labels,
      status.outcome === "pending" ? undefined : status.outcome !== "failed",
    );
    recorder.record(partMetrics.lastSuccess, labels, status.lastSuccessAt && status.lastSuccessAt / 1000);
    recorder.record(partMetrics.duration, labels, status.durationMs && status.durationMs / 1000);
    recorder.record(partMetrics.interval, labels, inSeconds(status.every));
    for (const [reason, count] of status.errorCounts) recorder.record(partMetrics.errors, { ...labels, reason }, count);
    for (const [reason, pieces] of missingPieces(status))
      recorder.record(partMetrics.missingPieces, { ...labels, reason }, pieces.length);
    await this.#publisher.publishStatus(status, recorder.snapshot(Date.now()));
  }

  /** One line when something changes for a person; a failure that goes on is not logged at every poll. */
  #logChange(before: PartStatus, result: PollResult): void {
    const { collector, target, part } = before;
    const seen = new Set(before.errors.map(({ piece, reason }) => `${piece} ${reason}`));
    for (const { piece, reason, message } of result.errors) {
      if (seen.has(`${piece} ${reason}`)) continue;
      this.#log.warn({ collector, target, part, reason, ...(piece !== undefined && { piece }) }, message);
    }
    const hadErrors = before.errors.length > 0;
    if (hadErrors && result.errors.length === 0) this.#log.info({ collector, target, part }, "reads again");
    this.#log.debug({ collector, target, part, outcome: result.outcome, duration_ms: result.durationMs }, "polled");
  }
}

/**
 * What the newest poll could not read though it read the rest; a part that failed as a whole has nothing else to tell.
 */
function missingPieces({ outcome, errors }: PartStatus): Map<CollectReason, readonly SeenError[]> {
  return Map.groupBy(outcome === "success" ? errors : [], ({ reason }) => reason);
}
