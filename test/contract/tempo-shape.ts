/** What a body looks like: of each place in it the types that are there, of some the very values. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>;

// Their values are compared, not only their types.
const EXACT = new Set(["status", "message", "kind", "code", "type"]);
const IDS = /(?:traceI[dD]|spanI[dD]|parentSpanId)$/v;
const NUMBERS = /(?:Nano|Nanos|Ms|intValue)$/v;

/** Reads the shape of a body. A place is a path with `[]` for the members of a list, whatever their number. */
export function shapeOf(body: unknown): Shape {
  const shape = new Map<string, Set<string>>();
  const note = (place: string, what: string): void => {
    shape.set(place, (shape.get(place) ?? new Set()).add(what));
  };
  const visit = (value: unknown, place: string): void => {
    if (Array.isArray(value)) {
      note(place, value.length === 0 ? "empty list" : "list");
      for (const item of value) visit(item, `${place}[]`);
      return;
    }
    if (typeof value !== "object" || value === null) return note(place, leafOf(value, place));
    note(place, "object");
    for (const [key, inner] of Object.entries(value)) visit(inner, placeOf(place, key));
  };
  visit(body, "$");
  noteLists(body, note);
  return shape;
}

/** The statistics of services are kept by their names. */
function placeOf(place: string, key: string): string {
  return place.endsWith("serviceStats") ? `${place}.*` : `${place}.${key}`;
}

function leafOf(value: unknown, place: string): string {
  if (typeof value !== "string") return typeof value;
  if (value.startsWith("<")) return `string ${value}`;
  const key = place.slice(place.lastIndexOf(".") + 1);
  if (EXACT.has(key) && !place.includes("attributes") && !place.includes("events")) return `string ${value}`;
  if (IDS.test(key)) return /^[0-9a-f]+$/v.test(value) ? "hexadecimal" : "base64";
  if (NUMBERS.test(key)) return /^-?\d+$/v.test(value) ? "digits" : "text";
  return "string";
}

interface Body {
  readonly traces?: readonly { readonly spanSets?: readonly SpanSet[] }[];
  readonly series?: readonly {
    readonly labels: readonly Keyed[];
    readonly samples?: readonly { timestampMs: string }[];
  }[];
  readonly scopes?: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly tagNames?: readonly string[];
}

interface Keyed {
  readonly key: string;
}

interface SpanSet {
  readonly spans: readonly { readonly attributes?: readonly Keyed[] }[];
  readonly attributes?: readonly Keyed[];
}

/** The names in lists: labels of series, attributes of spans, tags of scopes; and the times of points. */
function noteLists(body: unknown, note: (place: string, what: string) => void): void {
  const { traces = [], series = [], scopes = [], tagNames = [] } = (body ?? {}) as Body;
  for (const { spans, attributes = [] } of traces.flatMap(({ spanSets = [] }) => spanSets)) {
    for (const { key } of spans.flatMap((span) => span.attributes ?? [])) note("attributes of spans", key);
    for (const { key } of attributes) note("attributes of sets", key);
  }
  for (const { labels, samples = [] } of series) {
    note("labels", labels.map(({ key }) => key).join(", "));
    for (const { timestampMs } of samples) note("points", timestampMs);
  }
  for (const { name, tags } of scopes) for (const tag of tags) note(`tags of ${name}`, tag);
  for (const tag of tagNames) note("tags", tag);
}

// The counters of a request depend on blocks, jobs and luck, and which traces fill a limit differs from call to call.
const OPTIONAL: Readonly<Record<string, string>> = {
  "$.metrics.inspectedBytes": "string",
  "$.metrics.totalBlockBytes": "string",
  "$.metrics.inspectedSpans": "string",
  "$.metrics.completedJobs": "number",
  "$.metrics.totalJobs": "number",
  "$.metrics.totalBlocks": "number",
  "$.metrics.inspectedTraces": "number",
  "$.traces[].serviceStats.*.errorCount": "number",
};

/**
 * How two shapes differ, in sentences. `isCut`: lists of the recorded body were shortened, so that ours can have more.
 */
export function differences(recorded: Shape, ours: Shape, isCut: boolean): readonly string[] {
  const places = new Set([...recorded.keys(), ...ours.keys()].filter((place) => !(place in OPTIONAL)));
  const found = [...places].flatMap((place) => {
    const [then, now] = [recorded.get(place) ?? new Set<string>(), ours.get(place) ?? new Set<string>()];
    const missing = [...then].filter((what) => !now.has(what));
    const more = isCut ? [] : [...now].filter((what) => !then.has(what));
    return [
      ...missing.map((what) => `${place} lacks: ${what}`),
      ...more.map((what) => `${place} has besides: ${what}`),
    ];
  });
  const wrong = [...ours].filter(
    ([place, types]) => place in OPTIONAL && [...types].some((type) => type !== OPTIONAL[place]),
  );
  return [...found, ...wrong.map(([place]) => `${place} is of another type`)];
}
