import type { TimeWindow } from "../../core/telemetry.ts";
import type { Attributes, SpanRow } from "../spans/span-row.ts";
import { readKind, readStatus } from "../spans/otlp-values.ts";
import type { TempoSession } from "./ask.ts";
import { search, type FoundSpan } from "./search.ts";
import { readTagNames, type TagNames } from "./tags.ts";
import { SERVICE } from "./traceql.ts";

/** Traces of a side. */
const TRACES = 100;
/** Spans of each. */
const SPANS = 20;
/** Attributes of a scope that are asked for. */
const TAGS = 30;

/** Spans of both sides, for a Tempo that counts none. */
export interface Sample {
  readonly window: readonly SpanRow[];
  readonly baseline: readonly SpanRow[];
  /** Traces they are of. */
  readonly traces: number;
}

/** Looks at up to 100 traces of a side in place of all spans. `spans` is a set of them. */
export async function takeSample(
  session: TempoSession,
  spans: string,
  { window, baseline }: { readonly window: TimeWindow; readonly baseline: TimeWindow },
): Promise<Sample> {
  const none: TagNames = { resource: [], span: [] };
  const tags = await session.log.optional("Names of attributes", async () => readTagNames(session, window), none);
  const asked = {
    resource: tags.resource.filter((tag) => tag !== "service.name").slice(0, TAGS),
    span: tags.span.filter((tag) => !tags.resource.includes(tag)).slice(0, TAGS),
  };
  const selected = ["name", "status", "kind", SERVICE, ...asked.resource.map((tag) => `resource.${tag}`)];
  const q = `${spans} | select(${[...selected, ...asked.span.map((tag) => `span.${tag}`)].join(", ")})`;
  const take = async (side: TimeWindow, called: string): Promise<readonly (readonly SpanRow[])[]> => {
    const found = await search(session, {
      purpose: `sample of the ${called}`,
      q,
      window: side,
      limit: TRACES,
      spans: SPANS,
    });
    return found.map(({ summary, spans: matched }) => matched.map((span) => toRow(summary.traceId, span, asked)));
  };
  const [now, before] = await Promise.all([take(window, "window"), take(baseline, "baseline")]);
  return { window: now.flat(), baseline: before.flat(), traces: now.length + before.length };
}

function toRow(traceId: string, { attributes, ...span }: FoundSpan, tags: TagNames): SpanRow {
  const pick = (names: readonly string[]): Attributes =>
    Object.fromEntries(Object.entries(attributes).filter(([key]) => names.includes(key)));
  const resource = pick([...tags.resource, "service.name"]);
  const own = pick(tags.span);
  const status = `STATUS_CODE_${(attributes["status"] ?? "").toUpperCase()}`;
  return {
    traceId,
    own,
    resource,
    span: {
      ...span,
      service: attributes["service.name"] ?? "",
      kind: readKind(attributes["kind"]) ?? "unspecified",
      status: readStatus(status) ?? "unset",
      events: [],
    },
  };
}
