import { exception, FailedCall, invalidParams } from "./failure.ts";
import { at, compare, matches } from "./query-filters.ts";

/** The options of a query. Of these `extra` and what a data base is told are the methods' own business. */
const OPTIONS: ReadonlySet<string> = new Set([
  "count",
  "extend",
  "extend_context",
  "extra",
  "force_sql_filters",
  "get",
  "limit",
  "offset",
  "order_by",
  "prefix",
  "relationships",
  "select",
]);

type Row = object;

/**
 * What a `query` method answers with of its rows: those that pass the filters, ordered, cut and reduced as the options
 * say; a number with `count`, one row with `get`. Throws `FailedCall` as the middleware refuses what it does not
 * understand.
 * Source: https://github.com/truenas/middleware, src/middlewared/middlewared/utils/filter_list.py
 */
export function applyQuery(rows: readonly Row[], filters: unknown, options: unknown): unknown {
  if (!Array.isArray(filters)) throw invalidParams("filters", "Input should be a valid list");
  const { select, orderBy, count, get, offset, limit } = readOptions(options);
  const found = rows.filter((row) => filters.every((filter) => matches(row, filter)));
  const selected = select.length === 0 ? found : found.map((row) => selectFrom(row, select));
  if (count) return selected.length;
  const ordered = orderBy.reduce(orderedBy, selected);
  if (!get) return ordered.slice(offset, limit === 0 ? undefined : offset + limit);
  const [first] = ordered;
  if (first === undefined) throw new FailedCall(exception("MatchNotFound", "MatchNotFound()"));
  return first;
}

interface QueryOptions {
  readonly select: readonly unknown[];
  readonly orderBy: readonly string[];
  readonly count: boolean;
  readonly get: boolean;
  readonly offset: number;
  readonly limit: number;
}

function readOptions(options: unknown): QueryOptions {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw invalidParams("options", "Input should be a valid dictionary");
  const given = options as Readonly<Record<string, unknown>>;
  const foreign = Object.keys(given).find((name) => !OPTIONS.has(name));
  if (foreign !== undefined) throw invalidParams(`options.${foreign}`, "Extra inputs are not permitted");
  const read = <T>(name: string, fallback: T, is: (value: unknown) => value is T, kind: string): T => {
    const value = given[name] ?? fallback;
    if (!is(value)) throw invalidParams(`options.${name}`, `Input should be a valid ${kind}`);
    return value;
  };
  return {
    select: read("select", [], Array.isArray, "list"),
    orderBy: read("order_by", [], isTexts, "list"),
    count: read("count", false, isFlag, "boolean"),
    get: read("get", false, isFlag, "boolean"),
    offset: read("offset", 0, isWhole, "integer"),
    limit: read("limit", 0, isWhole, "integer"),
  };
}

const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isWhole = (value: unknown): value is number => Number.isInteger(value);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** A path keeps its nesting; a pair of path and name puts the value under that name. */
function selectFrom(row: Row, select: readonly unknown[]): Row {
  const into: Record<string, unknown> = {};
  for (const each of select) {
    const [path, name] = (Array.isArray(each) ? each : [each]) as readonly unknown[];
    if (typeof path !== "string") throw invalidParams("options.select", "Input should be a valid string");
    const found = at(row, path);
    if (found.kind === "members")
      throw new FailedCall(exception("ValueError", "Selecting by list index is not supported"));
    if (found.value !== undefined) place(into, typeof name === "string" ? [name] : found.keys, found.value);
  }
  return into;
}

function place(into: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = (into[key] ?? {}) as Record<string, unknown>;
  into[key] = inner;
  place(inner, rest, value);
}

/** Orders by one field more; a later one outweighs an earlier one, as in the source. */
function orderedBy(rows: readonly Row[], order: string): readonly Row[] {
  const [, nulls, minus, path = ""] = /^(?:(nulls_first|nulls_last):)?(-?)(.*)$/.exec(order) ?? [];
  const valueOf = (row: Row): unknown => at(row, path).value ?? null;
  const sorted = (some: readonly Row[]): readonly Row[] =>
    some.toSorted((left, right) => compare(valueOf(left), valueOf(right)) * (minus === "-" ? -1 : 1));
  const empty = rows.filter((row) => valueOf(row) === null);
  if (nulls === undefined && empty.length > 0 && empty.length < rows.length)
    throw new FailedCall(exception("ValueError", `Cannot sort by '${order}' because the field contains null values.`));
  if (empty.length === rows.length) return rows;
  const full = sorted(rows.filter((row) => valueOf(row) !== null));
  return nulls === "nulls_first" ? [...empty, ...full] : [...full, ...empty];
}
