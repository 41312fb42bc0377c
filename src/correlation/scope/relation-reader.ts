import type { MetricSource } from "../../core/telemetry.ts";
import type { Relation, RelationEnd } from "../../core/pack.ts";
import { asCollectError } from "../../core/errors.ts";
import { printLabelName, printSelector, type SelectorMatcher } from "../../lib/prometheus/selector.ts";

/** One series of a relation's metric. */
export type RelationRow = Readonly<Record<string, string>>;

/** The labels of the metric that find an end's other series. */
export const findersOf = ({ label, by }: RelationEnd): readonly string[] => by ?? [label];

/** What was there a while ago tells how things hang together even when its source is what failed. */
const WITHIN = "1h";
/** Shorter, since all series of a service are looked at. */
const PLACED_WITHIN = "15m";
const MOST_QUERIES = 60;

/** Reads the series of relations, each selector once; what can not be read is told, not thrown. */
export class RelationReader {
  readonly #metrics: MetricSource | undefined;
  readonly #at: number;
  readonly #signal: AbortSignal;
  readonly #read = new Map<string, Promise<readonly RelationRow[]>>();
  #failure: string | undefined;
  #isCut = false;

  constructor(metrics: MetricSource | undefined, at: number, signal: AbortSignal) {
    this.#metrics = metrics;
    this.#at = at;
    this.#signal = signal;
  }

  /** What could not be found out, in sentences. */
  get notes(): readonly string[] {
    return [
      ...(this.#failure === undefined ? [] : [`what hangs together could not be read from metrics: ${this.#failure}`]),
      ...(this.#isCut ? [`more than ${MOST_QUERIES} queries for neighbours would be needed: some were not made`] : []),
    ];
  }

  rows({ metric }: Relation, matchers: readonly SelectorMatcher[]): Promise<readonly RelationRow[]> {
    const selector = printSelector(metric.name, matchers);
    const known = this.#read.get(selector);
    if (known !== undefined) return known;
    const read = this.#ask(`last_over_time(${selector}[${WITHIN}])`);
    this.#read.set(selector, read);
    return read;
  }

  /** Which values of labels stand together on the series that are selected. */
  together(labels: readonly string[], matchers: readonly SelectorMatcher[]): Promise<readonly RelationRow[]> {
    const selector = printSelector(undefined, matchers);
    return this.#ask(
      `count by (${labels.map(printLabelName).join(", ")}) (last_over_time(${selector}[${PLACED_WITHIN}]))`,
    );
  }

  async #ask(query: string): Promise<readonly RelationRow[]> {
    // one that failed says that the others would
    if (this.#metrics === undefined || this.#failure !== undefined) return [];
    if (this.#read.size >= MOST_QUERIES) {
      this.#isCut = true;
      return [];
    }
    try {
      return await this.#metrics.labelsAt(query, this.#at, this.#signal);
    } catch (thrown) {
      this.#failure ??= asCollectError(thrown).message;
      return [];
    }
  }
}
