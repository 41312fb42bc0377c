import { z } from "zod";
import type { TelemetryFilter, TimeWindow } from "../../core/telemetry.ts";
import { looseText, rows } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { NAMESPACE_ATTRIBUTES } from "../spans/span-row.ts";
import { ask, type TempoSession } from "./ask.ts";
import { anyOf, isNamed, isOneOf, spanset } from "./traceql.ts";

const valuesShape = z.object({ tagValues: rows(z.object({ value: looseText })) });
const tagsShape = z.object({ scopes: rows(z.object({ name: z.string(), tags: z.array(z.string()).nullish() })) });

/** Which attributes spans have, by their scope. */
export interface TagNames {
  readonly resource: readonly string[];
  readonly span: readonly string[];
}

/** Attributes of resources and spans that a query can name as they are. */
export async function readTagNames(session: TempoSession, window: TimeWindow): Promise<TagNames> {
  const body = await ask(session, { purpose: "names of attributes", path: "/api/v2/search/tags", window, params: {} });
  const { scopes } = body === undefined ? { scopes: [] } : readShape(tagsShape, body, "GET /api/v2/search/tags");
  const ofScope = (wanted: string): readonly string[] =>
    scopes
      .filter(({ name }) => name === wanted)
      .flatMap(({ tags }) => tags ?? [])
      .filter((tag) => /^[A-Za-z_][\w.-]*$/.test(tag))
      .toSorted();
  return { resource: ofScope("resource"), span: ofScope("span") };
}

/**
 * The condition that spans belong to what the filter names; undefined when it names nothing. A namespace counts only
 * where spans know theirs: TraceQL of Tempo 2 can not ask for what is missing.
 */
export async function filterCondition(
  session: TempoSession,
  filter: TelemetryFilter,
  window: TimeWindow,
): Promise<string | undefined> {
  const named = isNamed(filter);
  if (filter.namespaces.length === 0) return named;
  if (named === undefined)
    return anyOf(NAMESPACE_ATTRIBUTES.flatMap((one) => isOneOf(`resource.${one}`, filter.namespaces)));
  const known = await Promise.all(
    NAMESPACE_ATTRIBUTES.map(async (attribute) => {
      const work = async (): Promise<readonly string[]> => namespacesOf(session, attribute, { named, window });
      return { attribute, values: await session.log.optional(`Values of ${attribute}`, work, []) };
    }),
  );
  const fitting = known.filter(({ values }) => values.some((value) => filter.namespaces.includes(value)));
  // what is called a namespace elsewhere need not be called so here, such as Kubernetes' against OpenTelemetry's
  const usable = fitting.length > 0 ? fitting : known.filter(({ values }) => values.length > 0);
  const inside = anyOf(usable.flatMap(({ attribute }) => isOneOf(`resource.${attribute}`, filter.namespaces)));
  return inside === undefined ? named : `(${named} && ${inside})`;
}

async function namespacesOf(
  session: TempoSession,
  attribute: string,
  { named, window }: { readonly named: string; readonly window: TimeWindow },
): Promise<readonly string[]> {
  const path = `/api/v2/search/tag/resource.${attribute}/values`;
  const body = await ask(session, { purpose: `values of ${attribute}`, path, window, params: { q: spanset(named) } });
  if (body === undefined) return [];
  return readShape(valuesShape, body, `GET ${path}`).tagValues.flatMap(({ value }) => value ?? []);
}
