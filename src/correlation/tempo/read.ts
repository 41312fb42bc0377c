import type { TraceQuestion, TraceReading, TraceSummary } from "../../core/telemetry.ts";
import { chooseServices } from "../spans/comparison.ts";
import { byDuration, byFailures } from "../spans/summary.ts";
import type { TempoSession } from "./ask.ts";
import { compareAttributes, isSlower, readFigures, type Compared, type Figures } from "./figures.ts";
import { readCallees } from "./neighbours.ts";
import { search } from "./search.ts";
import { filterCondition } from "./tags.ts";
import { anyOf, ENTRY, FAILED, isOneOf, SERVICE, spanset } from "./traceql.ts";

/** So many times as many traces are looked at as are named, to find the worst. */
const LOOK_AT = 5;
const MOST_LOOKED_AT = 100;
/** Services that are called whose spans are counted. */
const CALLEES = 20;

/**
 * Everything that a question asks. Beside the search for failed traces what fails is noted, and told as incomplete
 * where it is needed to say that nothing stands out.
 */
export async function readTraces(session: TempoSession, question: TraceQuestion): Promise<TraceReading> {
  const { log } = session;
  const condition = await filterCondition(session, question.filter, question.window);
  const [failed, callees] = await Promise.all([
    findWorst(session, question, { conditions: [condition, FAILED], called: "failed traces", order: byFailures }),
    log.optional("Services that are called", async () => calleesOf(session, question, condition), []),
  ]);
  const { services: asked } = question.filter;
  const whose = condition === undefined ? undefined : anyOf([condition, ...isOneOf(SERVICE, callees)]);
  const counted = { spans: spanset(whose, ENTRY), asked };
  const read = await log.half("Counts of spans", async () => readFigures(session, counted, question), uncounted);
  const countsNone = failed.length > 0 && read.services.every(({ window }) => window.spans === 0);
  const isContradicted = countsNone && (await anyEntryFailed(session, question, condition));
  const figures = isContradicted && read.incomplete === undefined ? { ...read, incomplete: CONTRADICTION } : read;
  const own = asked.length === 0 ? figures.services : figures.services.filter(({ service }) => asked.includes(service));
  const limits = own.flatMap(({ service }) => limitOf(figures, service));
  const [slow, compared] = await Promise.all([
    log.optional("Slow traces", async () => findSlow(session, question, { condition, limits }), []),
    log.half("Attributes", async () => compareWorst(session, question, { condition, own, figures }), uncompared),
  ]);
  const sample = figures.sample ?? compared.sample;
  return {
    ...log.result(),
    failed,
    slow,
    services: figures.services,
    comparison: compared.comparison,
    attributes: compared.attributes,
    ...(compared.selection !== undefined && { selection: compared.selection }),
    ...(figures.incomplete !== undefined && { incomplete: figures.incomplete }),
    ...(compared.incomplete !== undefined && { comparisonIncomplete: compared.incomplete }),
    ...(sample !== undefined && { sample: { taken: sample.traces, of: undefined } }),
  };
}

/**
 * Whether a request or a message failed that began in the window: a batch job's failed traces may have none to count.
 */
async function anyEntryFailed(
  session: TempoSession,
  question: TraceQuestion,
  condition: string | undefined,
): Promise<boolean> {
  const { from, to } = question.window;
  const wanted = { conditions: [condition, ENTRY, FAILED], called: "failed requests", order: byFailures };
  const found = await session.log.optional("Failed requests", async () => findWorst(session, question, wanted), []);
  return found.some(({ startsAt }) => startsAt >= from && startsAt < to);
}

const CONTRADICTION = "Tempo counts no spans of these services, though it finds failed traces of them";

const uncounted = (why: string): Figures => ({
  services: [],
  p99Ms: new Map(),
  sample: undefined,
  incomplete: `counts of spans could not be read: ${why}`,
});

const uncompared = (why: string): Compared => ({
  comparison: "failed",
  attributes: [],
  incomplete: `attributes could not be read: ${why}`,
});

/** Compares spans of the services asked for and of those below them that got worse. */
async function compareWorst(
  session: TempoSession,
  question: TraceQuestion,
  {
    condition,
    own,
    figures,
  }: { readonly condition: string | undefined; readonly own: Figures["services"]; readonly figures: Figures },
): Promise<Compared> {
  const asked = own.map(({ service }) => service);
  const services = chooseServices(figures.services, asked);
  const below = services.map(({ service }) => service).filter((service) => !asked.includes(service));
  const whose = condition === undefined ? undefined : anyOf([condition, ...isOneOf(SERVICE, below)]);
  return compareAttributes(session, { conditions: [whose, ENTRY], services, sample: figures.sample }, question);
}

async function calleesOf(
  session: TempoSession,
  { filter, window }: TraceQuestion,
  condition: string | undefined,
): Promise<readonly string[]> {
  // without a condition everything is counted anyway
  if (condition === undefined || filter.services.length === 0) return [];
  const found = await readCallees(session, condition, window);
  return found.filter((service) => !filter.services.includes(service)).slice(0, CALLEES);
}

const limitOf = ({ p99Ms }: Figures, service: string): readonly (readonly [string, number])[] => {
  const ms = p99Ms.get(service);
  return ms === undefined ? [] : [[service, ms]];
};

async function findSlow(
  session: TempoSession,
  question: TraceQuestion,
  { condition, limits }: { readonly condition: string | undefined; readonly limits: Parameters<typeof isSlower>[0] },
): Promise<readonly TraceSummary[]> {
  const slower = isSlower(limits);
  if (slower === undefined) {
    session.log.note("No spans of the baseline are known, so that none can be called slow.");
    return [];
  }
  return findWorst(session, question, {
    conditions: [condition, ENTRY, slower],
    called: "slow traces",
    order: byDuration,
  });
}

interface Wanted {
  readonly conditions: readonly (string | undefined)[];
  readonly called: string;
  readonly order: (a: TraceSummary, b: TraceSummary) => number;
}

async function findWorst(
  session: TempoSession,
  question: TraceQuestion,
  wanted: Wanted,
): Promise<readonly TraceSummary[]> {
  const { window, traces } = question;
  const limit = Math.max(traces, Math.min(MOST_LOOKED_AT, traces * LOOK_AT));
  const found = await search(session, { purpose: wanted.called, q: spanset(...wanted.conditions), window, limit });
  return found
    .map(({ summary }) => summary)
    .toSorted(wanted.order)
    .slice(0, traces);
}
