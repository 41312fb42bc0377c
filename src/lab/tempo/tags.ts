import type { LabAnswer } from "../exchange.ts";
import { json } from "./answers.ts";
import { TempoError } from "./errors.ts";
import type { OtlpAttribute } from "./otlp.ts";
import { readTagWindow, readUint } from "./parameters.ts";
import type { TempoRequest } from "./request.ts";
import type { StoredSpan } from "./trace.ts";
import { holds } from "./traceql/conditions.ts";
import { readValue, valuesOf } from "./traceql/fields.ts";
import { KINDS, LISTED_INTRINSICS, STATUSES } from "./traceql/names.ts";
import { parseField, parseQuery } from "./traceql/parse.ts";
import type { Expression, Field, Value } from "./traceql/tree.ts";

const SCOPES = ["link", "resource", "span", "event", "instrumentation"] as const;
/** Attributes of spans that have columns of their own: `q` does not filter their names. */
const COLUMNS = new Set(
  "http.request.method http.response.status_code http.route server.address server.port url.path".split(" "),
);

/** `GET /api/v2/search/tags`: https://grafana.com/docs/tempo/latest/api_docs/#search-tags-v2 */
export function tagsV2(request: TempoRequest): LabAnswer {
  const asked = request.query.get("scope") ?? "none";
  const isAll = asked === "none" || asked === "";
  const isScope = SCOPES.some((name) => name === asked);
  if (!isAll && !isScope && asked !== "intrinsic") throw new TempoError(400, `invalid scope: ${asked}`);
  const spans = matching(request);
  const isShort = request.limits.maxBytesPerTagQuery < LISTED_INTRINSICS.join("").length;
  const intrinsic = { name: "intrinsic", tags: isShort ? SHORT_INTRINSICS : LISTED_INTRINSICS };
  const wanted = isShort ? [] : SCOPES.filter((name) => isAll || name === asked);
  return json({
    scopes: [...(isScope ? [] : [intrinsic]), ...namesByScope(request, spans, wanted)],
    metrics: spans.length === 0 ? {} : inspected(spans),
  });
}

type Scope = (typeof SCOPES)[number];

/** With a limit each scope has so many names at most, and once there are enough no further scope is looked at. */
function namesByScope(
  request: TempoRequest,
  spans: readonly StoredSpan[],
  scopes: readonly Scope[],
): readonly { readonly name: Scope; readonly tags: readonly string[] }[] {
  const most = readUint(request.query, "limit") ?? 0;
  const found = [];
  let listed = 0;
  for (const name of scopes) {
    if (most > 0 && listed >= most) break;
    const own = spans.flatMap(attributesOf[name]);
    const columns = name === "span" ? columnsOf(request) : [];
    const all = [...new Set([...own.map(({ key }) => key), ...columns])].toSorted();
    const tags = most === 0 ? all : all.slice(0, most);
    listed += tags.length;
    if (tags.length > 0) found.push({ name, tags });
  }
  return found;
}

function columnsOf(request: TempoRequest): readonly string[] {
  const all = matching({ ...request, query: withoutFilter(request.query) });
  return all.flatMap(({ span }) => span.attributes.map(({ key }) => key)).filter((key) => COLUMNS.has(key));
}

function withoutFilter(query: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams(query);
  kept.delete("q");
  return kept;
}

/** What fits into a limit of few bytes. */
const SHORT_INTRINSICS = ["duration", "name", "status"];

/** `GET /api/search/tags`: names of attributes, without scopes. */
export function tagsV1(request: TempoRequest): LabAnswer {
  const scope = request.query.get("scope");
  const spans = matching(request);
  const lists = SCOPES.filter((name) => scope === null || name === scope).flatMap((name) =>
    spans.flatMap(attributesOf[name]),
  );
  return json({ tagNames: [...new Set(lists.map(({ key }) => key))].toSorted(), metrics: inspected(spans) });
}

const attributesOf: Readonly<Record<Scope, (stored: StoredSpan) => readonly OtlpAttribute[]>> = {
  resource: ({ resource }) => resource.attributes,
  span: ({ span }) => span.attributes,
  event: ({ span }) => span.events.flatMap(({ attributes }) => attributes),
  link: ({ span }) => span.links.flatMap(({ attributes }) => attributes),
  instrumentation: ({ scope }) => scope.attributes,
};

/** `GET /api/v2/search/tag/{name}/values`: https://grafana.com/docs/tempo/latest/api_docs/#search-tag-values-v2 */
export function tagValuesV2(request: TempoRequest, name: string): LabAnswer {
  const field = readName(name);
  const spans = matching(request);
  if (field.scope === "intrinsic" && field.name in FIXED)
    return json({ tagValues: FIXED[field.name]?.map((value) => ({ type: "keyword", value })), metrics: {} });
  const values = limited(request, distinct(spans.flatMap((span) => valuesOf(span, field))));
  return json({
    tagValues: values.map(({ type, value }) => ({ type, value: String(value) })),
    metrics: inspected(spans),
  });
}

const FIXED: Readonly<Record<string, readonly string[]>> = { status: STATUSES, kind: KINDS, duration: [] };

/** `GET /api/search/tag/{name}/values`: the name has no scope. */
export function tagValuesV1(request: TempoRequest, name: string): LabAnswer {
  const spans = matching(request);
  const found = spans.flatMap((span) =>
    [...span.resource.attributes, ...span.span.attributes]
      .filter(({ key }) => key === name)
      .flatMap(({ value }) => readValue(value)),
  );
  const values = limited(request, distinct(found)).map(({ value }) => String(value));
  return json({ tagValues: values.toSorted(), metrics: inspected(spans) });
}

function readName(name: string): Field {
  try {
    return parseField(name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TempoError(400, `please provide a valid tagName: failed to parse identifier ${name}: ${why}`);
  }
}

function distinct(values: readonly Value[]): readonly Value[] {
  const named = values.filter(({ value }) => value !== "");
  return [...new Map(named.map((value) => [`${value.type} ${value.value}`, value])).values()];
}

function limited({ query, limits }: TempoRequest, values: readonly Value[]): readonly Value[] {
  const most = readUint(query, "limit") ?? 0;
  let left = limits.maxBytesPerTagQuery;
  return (most === 0 ? values : values.slice(0, most)).filter(({ value }) => (left -= String(value).length) >= 0);
}

/** Spans of the window that meet `q`; what can not be read of it, or is more than one set, filters nothing. */
function matching({ query, limits, view, now }: TempoRequest): readonly StoredSpan[] {
  const window = readTagWindow(query, limits, { now, seenUntil: view.clipEnd(now) });
  const condition = readCondition(query.get("q") ?? "");
  return view.within(window).flatMap(({ spans }) => spans.filter((span) => holds(condition, span)));
}

function readCondition(q: string): Expression | undefined {
  if (q === "") return undefined;
  try {
    const { root } = parseQuery(q);
    return root.type === "pipeline" && root.pipeline.spans.type === "filter"
      ? root.pipeline.spans.condition
      : undefined;
  } catch {
    return undefined;
  }
}

const inspected = (spans: readonly StoredSpan[]): object => ({ inspectedBytes: String(100 + spans.length) });
