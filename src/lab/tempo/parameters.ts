import { TempoError } from "./errors.ts";
import type { TempoLimits } from "./limits.ts";
import type { Window } from "./store.ts";
import { nanosOf } from "./traceql/tokens.ts";
import { printDuration } from "./traceql/validate.ts";

/** What Go says of a text that is no whole number; undefined when it is one below the limit. */
function whyNoInteger(text: string, kind: "ParseUint" | "ParseInt", limit: bigint): string | undefined {
  const isNumber = kind === "ParseInt" ? /^[+\-]?\d+$/v.test(text) : /^\d+$/v.test(text);
  if (!isNumber) return `strconv.${kind}: parsing ${JSON.stringify(text)}: invalid syntax`;
  return BigInt(text) > limit ? `strconv.${kind}: parsing ${JSON.stringify(text)}: value out of range` : undefined;
}

const UINT32 = 2n ** 32n - 1n;
const INT64 = 2n ** 63n - 1n;

/** A whole number of 32 bits; undefined when it is not given. */
export function readUint(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const why = whyNoInteger(text, "ParseUint", UINT32);
  if (why !== undefined) throw new TempoError(400, `invalid ${name}: ${why}`);
  return Number(text);
}

const QUARTER_MS = 900_000;

/** What time it is, and until when spans are seen: Unix milliseconds. */
interface Clock {
  readonly now: number;
  readonly seenUntil: number;
}

/** The window of a search; the newest 15 minutes without one, and where a window lies beyond what can be seen. */
export function readSearchWindow(query: URLSearchParams, limits: TempoLimits, { now, seenUntil }: Clock): Window {
  const since = query.get("since");
  const start = readUint(query, "start");
  const end = readUint(query, "end");
  const newest = { from: now - (since === null ? QUARTER_MS : nanosOf(since) / 1e6), to: seenUntil };
  if (start === undefined && end === undefined) return checked(newest, limits);
  if (end !== undefined && start === undefined) throw new TempoError(400, ONE_SIDED);
  if (start !== undefined && start >= (end ?? 0))
    throw new TempoError(400, `http parameter start must be before end. received start=${start} end=${end ?? 0}`);
  const window = checked({ from: (start ?? 0) * 1000, to: (end ?? 0) * 1000 }, limits);
  return window.from >= seenUntil ? newest : window;
}

const ONE_SIDED = "error parsing date range: only one of start and end provided: must provide both or neither";

function checked({ from, to }: Window, { maxSearchSeconds }: TempoLimits): Window {
  const [start, end] = [Math.floor(from / 1000), Math.floor(to / 1000)];
  if (end - start <= maxSearchSeconds && end > start) return { from, to };
  throw new TempoError(
    400,
    `range specified by start and end exceeds ${printWhole(maxSearchSeconds)}. received start=${start} end=${end}`,
  );
}

/** Seconds as Go writes a duration, with its zeros. */
const printWhole = (seconds: number): string => printDuration(seconds * 1e9);

/** The window of tags: both sides or none; a reversed one is told to be too long. */
export function readTagWindow(query: URLSearchParams, limits: TempoLimits, { now, seenUntil }: Clock): Window {
  const start = readUint(query, "start");
  const end = readUint(query, "end");
  if (start === undefined && end === undefined) return { from: now - QUARTER_MS, to: seenUntil };
  if (start === undefined || end === undefined) throw new TempoError(400, ONE_SIDED);
  // Tags are not held to a tenant's own limit.
  return checked(
    { from: start * 1000, to: Math.min(end * 1000, seenUntil) },
    { ...limits, maxSearchSeconds: 168 * 3600 },
  );
}

/** Seconds or nanoseconds of by-id requests; undefined when none are given. */
export function readIdWindow(query: URLSearchParams): Window | undefined {
  const [start, end] = ["start", "end"].map((name) => {
    const text = query.get(name) ?? "";
    const why = text === "" ? undefined : whyNoInteger(text, "ParseInt", INT64);
    if (why !== undefined) throw new TempoError(400, `invalid ${name}: ${why}`);
    return text === "" ? undefined : Number(text);
  });
  if (start !== undefined && end !== undefined && start >= end)
    throw new TempoError(400, `http parameter start must be before end. received start=${start} end=${end}`);
  if (start === undefined && end === undefined) return undefined;
  return { from: toMs(start ?? 0), to: toMs(end ?? Number(INT64)) };
}

/** Tempo takes a number of more than 12 digits for nanoseconds. */
const toMs = (time: number): number => (time > 1e12 ? time / 1e6 : time * 1000);

/** The window and the step of a query of metrics. */
export interface MetricsWindow extends Window {
  /** Milliseconds. */
  readonly stepMs: number;
}

const HOUR_MS = 3_600_000;
const MOST_POINTS = 10_000;

/** Reads the window of a query of metrics: the newest hour without one. */
export function readMetricsWindow(query: URLSearchParams, limits: TempoLimits, now: number): MetricsWindow {
  const since = query.get("since");
  const to = readTime(query, "end") ?? now;
  const from = readTime(query, "start") ?? now - (since === null ? HOUR_MS : nanosOf(since) / 1e6);
  const stepMs = readStep(query) ?? defaultStepMs(to - from);
  if (from >= to) throw new TempoError(400, "end must be greater than start");
  if (to - from > limits.maxMetricsSeconds * 1000)
    throw new TempoError(
      400,
      `metrics query time range exceeds the maximum allowed duration of ${printWhole(limits.maxMetricsSeconds)}`,
    );
  return { from, to, stepMs };
}

/** Refuses a step that makes more than 10,000 points. */
export function refuseSmallStep({ from, to, stepMs }: MetricsWindow): void {
  const least = (to - from) / MOST_POINTS;
  if (stepMs >= least && stepMs > 0) return;
  throw new TempoError(
    400,
    `step of ${printDuration(stepMs * 1e6)} is too small, minimum step for given range is ${printDuration(least * 1e6)}`,
  );
}

/** Seconds, nanoseconds or RFC 3339, in Unix milliseconds. */
function readTime(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (/^\d+(?:\.\d+)?$/v.test(text))
    return text.length > 10 && !text.includes(".") ? Number(text) / 1e6 : Number(text) * 1000;
  const time = Date.parse(text);
  if (/^\d{4}-/v.test(text) && Number.isFinite(time)) return time;
  const why = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new TempoError(400, `rpc error: code = Code(400) desc = could not parse '${name}' parameter: ${why}`);
}

function readStep(query: URLSearchParams): number | undefined {
  const text = query.get("step");
  if (text === null || text === "") return undefined;
  const refuse = (why: string) => new TempoError(400, `rpc error: code = Code(400) desc = ${why}`);
  if (text.startsWith("-")) throw refuse(`cannot parse ${JSON.stringify(text)}: step must be positive`);
  if (/^\d+(?:\.\d+)?$/v.test(text)) return Number(text) * 1000;
  if (!/^(?:\d+\.?\d*(?:ns|us|µs|ms|s|m|h))+$/v.test(text))
    throw refuse(`cannot parse ${JSON.stringify(text)} to a valid duration`);
  return nanosOf(text) / 1e6;
}

/** About 240 points: whole seconds, from five on whole fives. */
function defaultStepMs(rangeMs: number): number {
  const exact = rangeMs / 240;
  const unit = exact >= 5000 ? 5000 : 1000;
  return Math.max(1000, Math.floor(exact / unit) * unit);
}
