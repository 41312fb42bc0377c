import { parseDuration } from "../../core/duration.ts";
import { BadQuery, parseQuery, parseSelector, type Query, type Selector } from "./query.ts";

/** The parameter `query`. */
export const readQuery = (asked: URLSearchParams): Query => readAs("query", () => parseQuery(asked.get("query") ?? ""));

function readAs<T>(parameter: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof BadQuery ? invalid(parameter, thrown.message) : thrown;
  }
}

/** A parameter that can not be read, in words of Prometheus. */
export const invalid = (parameter: string, why: string): BadQuery =>
  new BadQuery(`invalid parameter "${parameter}": ${why}`);

/** Unix seconds or RFC 3339, as Unix milliseconds. */
export function readTime(asked: URLSearchParams, parameter: string): number {
  const text = asked.get(parameter) ?? "";
  const at = text !== "" && Number.isFinite(Number(text)) ? Math.round(Number(text) * 1000) : Date.parse(text);
  if (Number.isFinite(at)) return at;
  const said = parameter === "time" ? "invalid time value for 'time': " : "";
  throw invalid(parameter, `${said}cannot parse "${text}" to a valid timestamp`);
}

/** Seconds or a duration, as milliseconds. */
export function readStep(asked: URLSearchParams): number {
  const text = asked.get("step") ?? "";
  const step = text !== "" && Number.isFinite(Number(text)) ? Number(text) * 1000 : parseDuration(text);
  if (step === undefined) throw invalid("step", `cannot parse "${text}" to a valid duration`);
  return step;
}

/** No more than the parameter `limit` says. */
export function limited<T>(values: readonly T[], asked: URLSearchParams): readonly T[] {
  const limit = Number(asked.get("limit") ?? "0");
  return limit > 0 ? values.slice(0, limit) : values;
}

/** The parameters `match[]`. */
export const readSelectors = (asked: URLSearchParams): readonly Selector[] =>
  asked.getAll("match[]").map((text) => readAs("match[]", () => parseSelector(text)));
