import { milliseconds } from "../../../src/core/duration.ts";
import { asCollectError } from "../../../src/core/errors.ts";
import type { Bundle, EvidenceSignal, SignalReport } from "../../../src/core/evidence.ts";
import type { ReadingNotes } from "../../../src/core/telemetry.ts";
import { makeBundle } from "../../../src/correlation/bundle.ts";
import type { EvidenceSources } from "../../../src/correlation/gather.ts";
import { createScrubber } from "../../../src/lib/scrub.ts";
import type { MatrixKind } from "./kinds.ts";
import { QUESTION } from "./sources-world.ts";
import type { Observation, UseOptions } from "./subject.ts";

/** A source that is asked for evidence, as one of those of a bundle. */
interface AskedSource {
  /** The signals that are read in it. */
  readonly signals: readonly EvidenceSignal[];
  readonly sources: EvidenceSources;
  /** Those among them of the other signals. */
  readonly beside: EvidenceSources;
  readonly secrets: readonly string[];
}

/** What a source's own signals said before any fault, by the sources beside. */
const WELL = new WeakMap<EvidenceSources, readonly SignalReport[]>();

/** What the sources beside said before any fault, by those sources. */
const BESIDE = new WeakMap<EvidenceSources, string>();

/** Asks for a bundle, and tells what it says of the source's signals, and what it must not say. */
export async function askForBundle(asked: AskedSource, { kind, deadlineMs }: UseOptions): Promise<Observation> {
  const heard = new Heard();
  const bundle = await makeBundle(QUESTION, {
    sources: noting(asked.sources, heard),
    deadline: milliseconds(deadlineMs),
    signal: new AbortController().signal,
    scrub: createScrubber([]),
    links: { externalUrl: undefined, prometheusUrl: undefined, kibanaUrl: undefined, grafana: undefined },
  });
  const own = bundle.reports.filter(({ signal }) => asked.signals.includes(signal));
  const hasLines = own.some((report) => report.signal === "logs" && !isDown(report));
  const reasons = heard.reasons();
  return {
    // what was read only in part is told as down too
    reasons: reasons.length > 0 ? reasons : own.some(isDown) ? ["unexpected_shape"] : [],
    facts: new Map([
      ...own.filter((report) => !isDown(report)).flatMap(factsOf),
      ...(hasLines ? histogramFacts(bundle) : []),
    ]),
    wrongs: [
      ...(kind === undefined || ANOTHER_ANSWER.has(kind.name) ? [] : own.flatMap(verdictWrongs)),
      ...silenceWrongs(asked, own, kind),
      ...besideWrongs(asked, bundle),
      ...textWrongs(bundle, asked.secrets),
      ...own.flatMap(numberWrongs),
    ],
    messages: own.map(({ signal, verdict, said, notes }) => `${signal} ${verdict}: ${[said, ...notes].join(" | ")}`),
  };
}

const isDown = ({ verdict }: SignalReport): boolean => verdict === "source_down";

/** How the readings of a bundle failed. */
class Heard {
  readonly #failed = new Set<string>();
  #open = 0;

  async of<R extends ReadingNotes>(reading: Promise<R>, signal: AbortSignal): Promise<R> {
    this.#open += 1;
    try {
      return await reading;
    } catch (thrown) {
      this.#failed.add(signal.aborted ? "timeout" : asCollectError(thrown).reason);
      throw thrown;
    } finally {
      this.#open -= 1;
    }
  }

  /** A reading that still goes on when the bundle is made was given up. */
  reasons(): readonly string[] {
    return [...new Set([...this.#failed, ...(this.#open > 0 ? ["timeout"] : [])])];
  }
}

/** The sources with an ear for how each reading fails. */
const noting = ({ logs, traces, metrics, changes }: EvidenceSources, heard: Heard): EvidenceSources => ({
  logs: logs && { ...logs, read: (question, signal) => heard.of(logs.read(question, signal), signal) },
  traces: traces && { ...traces, read: (question, signal) => heard.of(traces.read(question, signal), signal) },
  metrics: metrics && { ...metrics, read: (question, signal) => heard.of(metrics.read(question, signal), signal) },
  changes: changes.map((one) => ({
    ...one,
    read: (span, signal, names) => heard.of(one.read(span, signal, names), signal),
  })),
});

/** What stands out, and how much was looked at, as people are told it. */
function factsOf({
  signal,
  verdict,
  said,
  items,
  sample,
}: SignalReport): readonly (readonly [string, number | string])[] {
  const standing = items.filter(({ isSignificant }) => isSignificant);
  const counts = standing.flatMap(({ id, numbers: { selection, background } }) => [
    ...(selection === undefined
      ? []
      : [[`${id} selection`, selection.count] as const, [`${id} of`, selection.of] as const]),
    ...(background === undefined ? [] : [[`${id} background of`, background.of] as const]),
  ]);
  return [
    [`${signal} standing out`, standing.length],
    [`${signal} verdict`, verdict],
    [`${signal} said`, said],
    ...(sample === undefined ? [] : [[`${signal} looked at`, sample.taken] as const]),
    ...counts.map(([name, value]) => [`${signal} ${name}`, value] as const),
  ];
}

const histogramFacts = ({ histogram }: Bundle): readonly (readonly [string, number])[] =>
  histogram.length === 0 ? [] : [["lines over time", histogram.reduce((sum, { lines }) => sum + lines, 0)]];

/** Answers that can be read, and truly say that nothing is wrong with what was asked about. */
const ANOTHER_ANSWER: ReadonlySet<string> = new Set(["markup", "clock_off", "previous_answer"]);

/** Answers that can be read and say something else, in which nothing tells that they are not true. */
const SAYS_OTHERWISE: ReadonlySet<string> = new Set([...ANOTHER_ANSWER, "empty_lists", "doubled_rows"]);

/** Something stands out in truth, so that an answer of which nothing can be made must not be called quiet. */
const verdictWrongs = ({ signal, verdict, said }: SignalReport): readonly string[] =>
  verdict === "nothing_significant" ? [`${signal} is called quiet: ${said}`] : [];

/** What a fault took away from an answer is said in it, or nothing was: a note, or that not all was looked at. */
function silenceWrongs({ beside }: AskedSource, own: readonly SignalReport[], kind: MatrixKind | undefined) {
  const well = WELL.get(beside) ?? own;
  if (kind === undefined) WELL.set(beside, well);
  if (kind !== undefined && SAYS_OTHERWISE.has(kind.name)) return [];
  const notesBefore = new Set(well.flatMap(({ notes }) => notes));
  // notes are told with one of the signals of a reading
  if (own.some(({ notes }) => notes.some((note) => !notesBefore.has(note)))) return [];
  return own.flatMap((report) => {
    const before = well.find(({ signal }) => signal === report.signal);
    if (before === undefined || isDown(report) || (report.sample !== undefined && before.sample === undefined))
      return [];
    const [now, then] = [report, before].map((one) => JSON.stringify(factsOf(one)));
    return now === then ? [] : [`${report.signal} tells other facts, and nothing says why: ${now} in place of ${then}`];
  });
}

function besideWrongs(asked: AskedSource, { reports }: Bundle): readonly string[] {
  const beside = JSON.stringify(reports.filter(({ signal }) => !asked.signals.includes(signal)));
  const before = BESIDE.get(asked.beside) ?? beside;
  BESIDE.set(asked.beside, before);
  return beside === before ? [] : [`what other sources say is another now: ${beside} in place of ${before}`];
}

const MOST_TITLE = 200;
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

function textWrongs(bundle: Bundle, secrets: readonly string[]): readonly string[] {
  const whole = JSON.stringify(bundle);
  const shown = bundle.reports.flatMap(({ said, notes, items }) => [
    said,
    ...notes,
    ...items.map(({ title }) => title),
  ]);
  const titles = bundle.reports.flatMap(({ items }) => items.map(({ title }) => title));
  return [
    ...secrets.filter((secret) => whole.includes(secret)).map(() => "the bundle holds a secret"),
    ...shown
      .filter((text) => UNSEEN.test(text))
      .map((text) => `a text has control characters: ${JSON.stringify(text)}`),
    ...titles.filter((title) => [...title].length > MOST_TITLE).map((title) => `a title is too long: ${title}`),
  ];
}

const numberWrongs = ({ items }: SignalReport): readonly string[] =>
  items.flatMap(({ id, score, numbers: { value, selection, background } }) => {
    const counts = [selection, background].flatMap((one) => (one === undefined ? [] : [one.count, one.of]));
    const isSound = Number.isFinite(value) && score >= 0 && score <= 1 && counts.every((one) => one >= 0 && one < 1e15);
    return isSound ? [] : [`${id} has numbers that can not be: ${[score, value, ...counts].join(", ")}`];
  });
