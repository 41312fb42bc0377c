import { z } from "zod";
import { looseNumber, rows } from "../../../lib/answers/loose-shapes.ts";

const pointShape = z.array(looseNumber);

/** Graphs of `reporting.netdata_get_data`. A point has a time and one value for each further name of the legend. */
export const graphsShape = rows(z.object({ name: z.string(), data: rows(pointShape) }));

/**
 * The newest value of a graph with one line, whichever end its points begin at; undefined when none is known. The
 * server writes 0 where it knows nothing, as for its newest point, so that 0 is unknown; it leaves out a line of
 * nothing but 0.
 * Source: github.com/truenas/middleware, plugins/reporting/netdata/connector.py (`null2zero`) and graph_base.py
 * (`nonzero`)
 */
export function newestOf(graphs: z.output<typeof graphsShape>, name: string): number | undefined {
  const points = graphs.find((graph) => graph.name === name)?.data ?? [];
  let newest: { readonly at: number; readonly value: number } | undefined;
  for (const [at, value] of points) {
    if (at === undefined || value === undefined || value <= 0) continue;
    if (newest === undefined || at > newest.at) newest = { at, value };
  }
  return newest?.value;
}
