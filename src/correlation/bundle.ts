import { createHash } from "node:crypto";
import type { Bundle, BundleQuestion, EvidenceItem, Readings, SignalReport } from "../core/evidence.ts";
import { MOST_BUNDLE_BYTES } from "../core/evidence-store.ts";
import type { StoredQuery, Trace } from "../core/telemetry.ts";
import { computeInTurns } from "../lib/steps.ts";
import type { AskOptions } from "./ask.ts";
import { gather, type EvidenceSources } from "./gather.ts";
import { itemLink, itemQuery, type LinkTargets } from "./links.ts";
import { rankInSteps } from "./rank/rank.ts";
import { scrubReadings } from "./scrub-readings.ts";
import { remembering, scrubbed, scrubbedPath } from "./scrubbed.ts";

/** What a bundle is made with besides its question. */
export interface BundleOptions extends AskOptions {
  readonly sources: EvidenceSources;
  readonly links: LinkTargets;
  /** Takes secrets out of a text. */
  readonly scrub: (text: string) => string;
}

/** Of each source: a thousand series take some hundred. */
const MOST_QUERIES = 150;
const MOST_SPANS = 300;
const MOST_TRIES = 4;

/**
 * Asks the sources and makes of their answers what is to be thought of them. Never fails for a source's sake: one that
 * does not answer is a verdict. Rejects only with the signal's reason.
 */
export async function makeBundle(question: BundleQuestion, options: BundleOptions): Promise<Bundle> {
  const createdAt = Date.now();
  const begun = performance.now();
  const scrub = remembering(options.scrub);
  const read = await gather(question, options.sources, options);
  const readings = await computeInTurns(scrubReadings(read, scrub), options.signal);
  const ranked = await computeInTurns(rankInSteps(readings, question), options.signal);
  const trace = await traceOf(ranked.reports, ranked.top, options);
  const logNames = readings.logs.state === "read" ? readings.logs.reading.names : undefined;
  const selection = readings.traces.state === "read" ? readings.traces.reading.selection : undefined;
  const links = { ...options.links, logNames, selection };
  return withinStore({
    id: createHash("sha256")
      .update(JSON.stringify([createdAt, question]))
      .digest("hex")
      .slice(0, 16),
    createdAt,
    tookMs: Math.round(performance.now() - begun),
    question,
    // links are made of what was scrubbed, and are not scrubbed themselves: that would break them
    reports: scrubbed(ranked.reports, scrub).map((report) => linked(report, question, links)),
    top: ranked.top,
    queries: scrubbed(queriesOf(readings), scrub).map((query) => ({ ...query, path: scrubbedPath(query.path, scrub) })),
    ...(trace !== undefined && { trace: scrubbed(trace, scrub) }),
    histogram: readings.logs.state === "read" ? readings.logs.reading.histogram : [],
  });
}

/** The trace is what may be very large, and the one thing that can be read again. */
function withinStore(bundle: Bundle): Bundle {
  const { trace, ...rest } = bundle;
  if (trace === undefined || Buffer.byteLength(JSON.stringify(bundle)) <= MOST_BUNDLE_BYTES) return bundle;
  const note = `the trace ${trace.traceId} is not kept here: with it this evidence would be larger than the store takes`;
  const reports = rest.reports.map((report) =>
    report.signal === "traces" ? { ...report, notes: [...report.notes, note] } : report,
  );
  return { ...rest, reports };
}

const linked = (report: SignalReport, question: BundleQuestion, targets: LinkTargets): SignalReport => ({
  ...report,
  items: report.items.map((item) => {
    const [query, link] = [itemQuery(item, targets), itemLink(item, question, targets)];
    return { ...item, ...(query !== undefined && { query }), ...(link !== undefined && { link }) };
  }),
});

const queriesOf = (readings: Readings): readonly StoredQuery[] =>
  Object.values(readings).flatMap((outcome) =>
    outcome.state === "read" ? outcome.reading.queries.slice(0, MOST_QUERIES) : [],
  );

/** The trace that a person should see first: of the best item that names one. It is no harm when it can not be had. */
async function traceOf(
  reports: readonly SignalReport[],
  top: readonly string[],
  { sources, signal, deadline }: BundleOptions,
): Promise<Trace | undefined> {
  const items = reports.flatMap((report) => report.items);
  const best = top.flatMap((id) => items.filter((item) => item.id === id));
  const { traces } = sources;
  if (traces === undefined) return undefined;
  const named = items.filter(({ detail }) => detail.kind === "trace");
  // a line may name one that was not sampled: then one that the source itself named
  const first = [...new Set(traceIdsOf(best))].slice(0, MOST_TRIES - 1);
  const ids = new Set([...first, ...traceIdsOf([...named, ...items])]);
  const late = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
  let found: Trace | undefined;
  for (const id of [...ids].slice(0, MOST_TRIES)) {
    found = await traces.trace(id, late).catch(() => undefined);
    signal.throwIfAborted();
    if (found !== undefined) break;
  }
  if (found === undefined || found.spans.length <= MOST_SPANS) return found;
  const note = `only ${MOST_SPANS} of ${found.spans.length} spans are kept here`;
  return { ...found, spans: found.spans.slice(0, MOST_SPANS), notes: [...found.notes, note] };
}

const traceIdsOf = (items: readonly EvidenceItem[]): readonly string[] =>
  items.flatMap(({ detail }) => {
    if (detail.kind === "trace") return detail.trace.traceId;
    if (detail.kind === "exemplar") return detail.exemplar.traceId;
    return detail.kind === "log_pattern" ? (detail.traceId ?? []) : [];
  });
