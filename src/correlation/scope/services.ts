import type { Entity } from "../../core/evidence.ts";
import { asCollectError } from "../../core/errors.ts";
import type { TimeWindow, TraceSource } from "../../core/telemetry.ts";
import { whenAborted } from "../../lib/when-aborted.ts";
import type { EntityBook, FoundEntity } from "./entity-book.ts";
import { MOST_NEIGHBOURS } from "./neighbour-words.ts";

const MOST_SERVICES = 3;

/**
 * Adds the services that call those that are named, or that they call. Gives what could not be found out, in sentences.
 */
export async function addCallers(
  book: EntityBook,
  traces: TraceSource | undefined,
  window: TimeWindow,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const services = book.all
    .filter(({ kind, distance }) => kind === "service" && distance === 0)
    .slice(0, MOST_SERVICES);
  if (traces === undefined) return [];
  const found = await Promise.all(services.map((service) => callersOf(service, traces, window, signal)));
  for (const { service, entities } of found)
    for (const entity of entities) {
      book.add(entity);
      for (const labels of service.also ?? []) book.also("service", entity.name, renamed(labels, service, entity.name));
    }
  return found.flatMap(({ notes }) => notes);
}

interface Callers {
  readonly service: Entity;
  readonly entities: readonly FoundEntity[];
  readonly notes: readonly string[];
}

async function callersOf(
  service: Entity,
  traces: TraceSource,
  window: TimeWindow,
  signal: AbortSignal,
): Promise<Callers> {
  try {
    const { calls, calledBy, notes } = await Promise.race([
      traces.neighbours(service.name, window, signal),
      whenAborted(signal),
    ]);
    const called = chosen(calls, service.name);
    const callers = chosen(calledBy, service.name);
    return {
      service,
      entities: [
        ...called.names.map((name) => neighbour(service, name, `${service.name} calls it`)),
        ...callers.names.map((name) => neighbour(service, name, `it calls ${service.name}`)),
      ],
      notes: [
        ...notes,
        ...leftOut(called.more, `${service.name} calls`),
        ...leftOut(callers.more, `call ${service.name}`),
      ],
    };
  } catch (thrown) {
    return {
      service,
      entities: [],
      notes: [`the neighbours of ${service.name} are not known: ${asCollectError(thrown).message}`],
    };
  }
}

const leftOut = (more: number, words: string): readonly string[] =>
  more > 0 ? [`${more} more services are left out that ${words}`] : [];

function chosen(names: readonly string[], but: string): { readonly names: readonly string[]; readonly more: number } {
  const all = [...new Set(names)].filter((name) => name !== "" && name !== but).toSorted();
  return { names: all.slice(0, MOST_NEIGHBOURS), more: all.length - MOST_NEIGHBOURS };
}

/** Its metrics are found as those of the service beside it. */
const neighbour = (service: Entity, name: string, because: string): FoundEntity => ({
  kind: "service",
  name,
  distance: 1,
  because,
  labels: renamed(service.labels, service, name),
});

/** Only the labels that name the service: the namespace of its neighbour may be another one. */
function renamed(labels: Entity["labels"], service: Entity, name: string): Entity["labels"] {
  const naming = Object.entries(labels).filter(([, value]) => value === service.name);
  return Object.fromEntries(naming.map(([label]) => [label, name]));
}
