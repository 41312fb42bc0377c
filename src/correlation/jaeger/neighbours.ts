import type { TimeWindow } from "../../core/telemetry.ts";
import { findNeighbours, type Neighbours } from "../spans/neighbours.ts";
import { readDependencies, searchTraces, type JaegerSession } from "./api.ts";

const TRACES = 20;

/**
 * Services beside one, as Jaeger has counted them, and as some of its traces tell: a job that does not run counts
 * nothing.
 */
export async function readNeighbours(session: JaegerSession, service: string, window: TimeWindow): Promise<Neighbours> {
  const search = { purpose: `traces of ${service}`, service, window, limit: TRACES };
  const [links, rows] = await Promise.all([
    session.log.optional("Who calls whom", async () => readDependencies(session, window), []),
    searchTraces(session, search),
  ]);
  const seen = findNeighbours(service, rows);
  const calls = links.filter(({ parent }) => parent === service).map(({ child }) => child);
  const calledBy = links.filter(({ child }) => child === service).map(({ parent }) => parent);
  const others = (names: readonly string[]): readonly string[] =>
    [...new Set(names)].filter((name) => name !== service).toSorted();
  return { calls: others([...seen.calls, ...calls]), calledBy: others([...seen.calledBy, ...calledBy]) };
}
