import { z } from "zod";
import { TempoError } from "./errors.ts";

/** A value of an attribute, as OTLP's JSON writes it: one member, or none for no value. */
export interface OtlpValue {
  readonly stringValue?: string | undefined;
  readonly boolValue?: boolean | undefined;
  /** 64 bits, hence a text. */
  readonly intValue?: string | undefined;
  readonly doubleValue?: number | undefined;
  readonly bytesValue?: string | undefined;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] | undefined } | undefined;
  readonly kvlistValue?: { readonly values?: readonly OtlpAttribute[] | undefined } | undefined;
}

/** An attribute as OTLP's JSON writes it. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

const nanos = z.union([z.string(), z.number()]).transform(BigInt);
const integer = z.union([z.string(), z.number()]).transform(String);
const value: z.ZodType<OtlpValue> = z.lazy(() =>
  z.object({
    stringValue: z.string().optional(),
    boolValue: z.boolean().optional(),
    intValue: integer.optional(),
    doubleValue: z.number().optional(),
    bytesValue: z.string().optional(),
    arrayValue: z.object({ values: z.array(value).optional() }).optional(),
    kvlistValue: z.object({ values: z.array(attribute).optional() }).optional(),
  }),
);
const attribute: z.ZodType<OtlpAttribute> = z.lazy(() =>
  z.object({ key: z.string(), value: value.default({}) }),
) as z.ZodType<OtlpAttribute>;
const attributes = z.array(attribute).default([]);
const id = z.string().default("");
const dropped = z.number().default(0);

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUSES = ["UNSET", "OK", "ERROR"];
const code = (prefix: string, names: readonly string[]) =>
  z
    .union([z.number(), z.string()])
    .default(0)
    .transform((given) => (typeof given === "number" ? given : Math.max(0, names.indexOf(given.slice(prefix.length)))));

const span = z.object({
  traceId: id,
  spanId: id,
  parentSpanId: id,
  traceState: z.string().default(""),
  flags: z.number().default(0),
  name: z.string().default(""),
  kind: code("SPAN_KIND_", KINDS),
  startTimeUnixNano: nanos.default(0n),
  endTimeUnixNano: nanos.default(0n),
  attributes,
  droppedAttributesCount: dropped,
  droppedEventsCount: dropped,
  droppedLinksCount: dropped,
  events: z
    .array(
      z.object({
        timeUnixNano: nanos.default(0n),
        name: z.string().default(""),
        attributes,
        droppedAttributesCount: dropped,
      }),
    )
    .default([]),
  links: z
    .array(z.object({ traceId: id, spanId: id, traceState: z.string().default(""), attributes, flags: dropped }))
    .default([]),
  status: z
    .object({ code: code("STATUS_CODE_", STATUSES), message: z.string().default("") })
    .default({ code: 0, message: "" }),
});
const resource = z
  .object({ attributes, droppedAttributesCount: dropped })
  .default({ attributes: [], droppedAttributesCount: 0 });
const scope = z
  .object({ name: z.string().default(""), version: z.string().default(""), attributes })
  .default({ name: "", version: "", attributes: [] });
const request = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource,
        scopeSpans: z.array(z.object({ scope, spans: z.array(span).default([]) })).default([]),
      }),
    )
    .default([]),
});

/** A span of OTLP's trace request, its ids hexadecimal in lower case. */
export type OtlpSpan = z.infer<typeof span>;
/** What made the spans. */
export type OtlpResource = z.infer<typeof resource>;
/** The library that made them. */
export type OtlpScope = z.infer<typeof scope>;

/** Spans of one resource and scope. */
export interface OtlpBatch {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  readonly spans: readonly OtlpSpan[];
}

/** The names of a span's kinds and statuses, in the order of their numbers. */
export const SPAN_KINDS = KINDS;
/** See {@link SPAN_KINDS}. */
export const STATUS_CODES = STATUSES;

/** Reads the body of `POST /v1/traces`; refuses what Tempo's receiver refuses, with its texts. */
export function readTraceRequest(body: string): readonly OtlpBatch[] {
  const read = request.safeParse(parseJson(body));
  if (!read.success) throw new TempoError(400, `ReadObject: ${z.prettifyError(read.error)}`);
  return read.data.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.map(({ scope, spans }) => ({ resource, scope, spans: spans.map((span) => withIds(span, body)) })),
  );
}

function parseJson(body: string): unknown {
  if (!body.trimStart().startsWith("{")) {
    const [found = ""] = body;
    const shown = body.slice(0, 10);
    throw new TempoError(
      400,
      `ReadObject: expect { or , or } or n, but found ${found}, error found in #1 byte of ...|${shown}|..., bigger context ...|${shown}|...`,
    );
  }
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new TempoError(400, `ReadObject: ${String(error)}`);
  }
}

function withIds(span: OtlpSpan, body: string): OtlpSpan {
  const traceId = span.traceId.toLowerCase();
  if (/^0*$/v.test(traceId)) throw new TempoError(400, "trace ids must be 128 bit, received 0 bits");
  if (!/^[0-9a-f]{32}$/v.test(traceId)) throw new TempoError(400, badIdText(body, span.traceId));
  return {
    ...span,
    traceId,
    spanId: span.spanId.toLowerCase(),
    parentSpanId: span.parentSpanId.toLowerCase(),
    links: span.links.map((link) => ({
      ...link,
      traceId: link.traceId.toLowerCase(),
      spanId: link.spanId.toLowerCase(),
    })),
  };
}

/** The receiver shows what its JSON reader had read when it met the id: ten bytes, and some more on each side. */
function badIdText(body: string, badId: string): string {
  const end = body.indexOf(badId) + badId.length + 1;
  const near = body.slice(Math.max(0, end - 10), end + 10);
  const far = body.slice(Math.max(0, end - 50), end + 50);
  return `ID.UnmarshalJSONIter: length mismatch, error found in #10 byte of ...|${near}|..., bigger context ...|${far}|...`;
}
