import { formatDuration, parseDuration } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { parseJson } from "../../lib/http/body.ts";
import { HttpStatusError } from "../../lib/http/client.ts";
import type { Backend, BackendAnswer } from "../spans/backend.ts";
import type { ReadingLog } from "../spans/reading-log.ts";

/** What a request to Tempo is made with, and where it is written down. */
export interface TempoSession {
  readonly backend: Backend;
  readonly log: ReadingLog;
  readonly signal: AbortSignal;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** A query over a span of time. */
export interface TempoQuery {
  readonly purpose: string;
  /** Such as {@link METRICS_PATH}; without a query. */
  readonly path: string;
  readonly window: TimeWindow;
  readonly params: Readonly<Record<string, string>>;
}

/** Where TraceQL metrics over a window as a whole are asked for. */
export const METRICS_PATH = "/api/metrics/query";

/** Tempo's default `query_end_cutoff`: what is younger it does not search. */
const CUTOFF_MS = 30_000;
const SKEW_MS = 5_000;
/** How Tempo says a limit on the range of a query, such as `168h0m0s`. */
const RANGE_LIMIT = /exceeds (?:the maximum allowed duration of )?((?:\d+[dhms])+)/;

/**
 * Sends a query and gives its JSON; undefined when its time has not come yet. A range that is longer than this Tempo
 * allows is cut at its beginning, and one that is too young to be searched is moved back, each once and with a note.
 */
export async function ask(session: TempoSession, query: TempoQuery): Promise<unknown> {
  const { log, now } = session;
  const window = { from: query.window.from, to: Math.min(query.window.to, now()) };
  if (window.to <= window.from) {
    log.noteOfNow("The time that is asked about has not come yet.");
    return undefined;
  }
  if (window.to > now() - CUTOFF_MS) {
    log.noteOfNow("Tempo 3 does not search the last 30 s (query_end_cutoff): what happened then may be missing.");
  }
  try {
    return await send(session, query, window);
  } catch (thrown) {
    const other = thrown instanceof HttpStatusError ? otherWindow(thrown, session, window) : undefined;
    if (other === undefined) throw thrown;
    return send(session, query, other);
  }
}

function otherWindow(refused: HttpStatusError, { log, now }: TempoSession, window: TimeWindow): TimeWindow | undefined {
  if (refused.status !== 400) return undefined;
  const most = parseDuration(RANGE_LIMIT.exec(refused.said)?.[1] ?? "");
  if (most !== undefined && most > 0) {
    log.note(
      `This Tempo searches at most ${formatDuration(most)} at once: the beginning of a longer time is left out.`,
    );
    // whole seconds, since those of a longer range by less than one are counted too
    const to = Math.ceil(window.to / 1_000) * 1_000;
    return { from: to - most, to };
  }
  if (window.from < now() - 2 * CUTOFF_MS || !/must be (?:before|greater)/.test(refused.said)) return undefined;
  const to = now() - CUTOFF_MS - 1_000;
  log.noteOfNow(
    "All of the time lies in the last 30 s, which this Tempo does not search yet: the time just before was read.",
  );
  return { from: to - Math.max(1_000, window.to - window.from), to };
}

async function send(session: TempoSession, query: TempoQuery, window: TimeWindow): Promise<unknown> {
  // seconds: a longer number is taken for nanoseconds. What is searched may be of a little more time, what is counted
  // must not be counted in the time before too. One second twice is refused.
  const isCounted = query.path === METRICS_PATH;
  const start = (isCounted ? Math.round : Math.floor)(window.from / 1_000);
  const end = Math.max(start + 1, (isCounted ? Math.round : Math.ceil)(window.to / 1_000));
  const search = new URLSearchParams({ ...query.params, start: String(start), end: String(end) });
  return (await get(session, query.purpose, `${query.path}?${search.toString()}`)).body;
}

/**
 * Sends a request that stands in the log, and reads its JSON; `body` is undefined for a status that is looked for
 * beside 200.
 */
export async function get(
  { backend, log, signal }: TempoSession,
  purpose: string,
  path: string,
  also: readonly number[] = [],
): Promise<{ readonly answer: BackendAnswer; readonly body: unknown }> {
  log.asked(purpose, path);
  const answer = await explained(backend.get(path, signal, also));
  const ahead = answer.clockAheadMs ?? 0;
  if (Math.abs(ahead) > SKEW_MS) {
    const by = Math.round(Math.abs(ahead) / 1_000);
    log.noteOfNow(
      `Tempo's clock is ${by} s ${ahead > 0 ? "ahead of" : "behind"} Watchkeeper's: mind it where times are compared.`,
    );
  }
  if (answer.status !== 200) return { answer, body: undefined };
  return { answer, body: parseJson({ text: answer.text, headers: {} }, answer.where) };
}

async function explained(asked: Promise<BackendAnswer>): Promise<BackendAnswer> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof HttpStatusError && thrown.status === 401 && /no org id/.test(thrown.said)) {
      throw new CollectError("unauthorized", `${thrown.message}: this Tempo has tenants, set evidence.traces.tenant`, {
        cause: thrown,
      });
    }
    throw thrown;
  }
}
