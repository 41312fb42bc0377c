import { MethodError } from "./contract.ts";

/** A row of a query's answer. */
type QueryRow = Readonly<Record<string, unknown>>;

/** What a `*.query` method is asked for beside its filters. */
interface QueryOptions {
  readonly extra: Readonly<Record<string, unknown>>;
  readonly select: readonly unknown[];
  readonly get: boolean;
  readonly count: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** The parameters of a `*.query` method: filters and options. Throws `MethodError` when they are none. */
export function readQuery(params: readonly unknown[]): {
  readonly filters: readonly unknown[];
  readonly options: QueryOptions;
} {
  const [filters = [], options = {}] = params;
  if (!Array.isArray(filters)) throw new MethodError("EINVAL", "filters: Input should be a valid list");
  if (!isRecord(options)) throw new MethodError("EINVAL", "options: Input should be a valid dictionary");
  const numberOf = (key: string): number => (typeof options[key] === "number" ? options[key] : 0);
  return {
    filters,
    options: {
      extra: isRecord(options["extra"]) ? options["extra"] : {},
      select: Array.isArray(options["select"]) ? options["select"] : [],
      get: options["get"] === true,
      count: options["count"] === true,
      offset: numberOf("offset"),
      limit: numberOf("limit"),
    },
  };
}

/**
 * Filters, cuts and selects rows as the middleware does it (`middlewared/utils/filter_list.py`); only what Watchkeeper
 * asks for is emulated. Throws `MethodError`.
 */
export function answerQuery(rows: readonly QueryRow[], params: readonly unknown[]): unknown {
  const { filters, options } = readQuery(params);
  const found = rows.filter((row) => filters.every((filter) => matches(row, filter)));
  if (options.count) return found.length;
  const cut = found.slice(options.offset, options.limit === 0 ? undefined : options.offset + options.limit);
  const selected = options.select.length === 0 ? cut : cut.map((row) => selectOf(row, options.select));
  if (!options.get) return selected;
  if (selected[0] === undefined) throw new MethodError("ENOENT", "MatchNotFound()");
  return selected[0];
}

const OPERATORS: Readonly<Record<string, (found: unknown, wanted: unknown) => boolean>> = {
  "=": (found, wanted) => found === wanted,
  "!=": (found, wanted) => found !== wanted,
  in: (found, wanted) => Array.isArray(wanted) && wanted.includes(found),
  nin: (found, wanted) => Array.isArray(wanted) && !wanted.includes(found),
  "^": (found, wanted) => typeof found === "string" && typeof wanted === "string" && found.startsWith(wanted),
};

function matches(row: QueryRow, filter: unknown): boolean {
  if (!Array.isArray(filter) || filter.length !== 3) throw new MethodError("EINVAL", "filters: Invalid filter");
  const [path, operator, wanted] = filter as readonly unknown[];
  const compare = OPERATORS[String(operator)];
  if (compare === undefined) throw new MethodError("EINVAL", `filters: Invalid operation: ${String(operator)}`);
  const found = String(path)
    .split(".")
    .reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), row);
  return found !== undefined && compare(found, wanted);
}

/** A path keeps its nesting; a pair of path and name gives the value that name. */
function selectOf(row: QueryRow, select: readonly unknown[]): QueryRow {
  const picked: Record<string, unknown> = {};
  for (const one of select) {
    const [path, name] = (Array.isArray(one) ? one : [one, undefined]) as readonly unknown[];
    const keys = String(path).split(".");
    const value = keys.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), row);
    if (value !== undefined) place(picked, typeof name === "string" ? [name] : keys, value);
  }
  return picked;
}

function place(into: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = isRecord(into[key]) ? into[key] : {};
  into[key] = inner;
  place(inner, rest, value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
