import { sourceUid } from "./sources.ts";
import { logsOfTrace } from "./trace-ids.ts";

/** A link in Explore, from a field of one data source's answer to a query of another. A `$` stands for itself. */
interface Correlation {
  /** Both must be there: Grafana stops when it reads a correlation without. */
  readonly label: string;
  readonly description: string;
  readonly targetUID: string;
  readonly config: {
    /** Here and not beside `config`, where some versions, such as 11.6, stop when they read it. */
    readonly type: "query";
    readonly field: string;
    readonly target: Readonly<Record<string, unknown>>;
    /** Names what the query takes of the field: a field's own name may have a dot, which no variable has. */
    readonly transformations: readonly {
      readonly type: "regex";
      readonly expression: string;
      readonly mapValue: string;
    }[];
  };
}

const WHOLE = "(.+)";

/** A trace's id in a line of text, however the program writes it. */
const ID_IN_TEXT = String.raw`[Tt]race[_.-]?[Ii][Dd]["']?[=:]\s*["']?([0-9a-f]{32})`;

const traces = (query: string) => ({ queryType: "traceql", query, limit: 20, tableType: "traces" });
const logs = (query: string) => ({ query, metrics: [{ id: "1", type: "logs" }], bucketAggs: [] });

const taking = (mapValue: string, expression = WHOLE): Correlation["config"]["transformations"] => [
  { type: "regex", expression, mapValue },
];

const failedTraces = (field: string): Correlation => ({
  label: "Failed traces of the service",
  description: "Traces in which a span of the service that logged the line is an error.",
  targetUID: sourceUid("tempo"),
  config: {
    type: "query",
    field,
    target: traces('{ resource.service.name = "${service}" && status = error }'),
    transformations: taking("service"),
  },
});

/** A line's own field with the trace's id is linked by the data source. */
const fromLogs: readonly Correlation[] = [
  failedTraces("service.name"),
  failedTraces("resource.attributes.service.name"),
  {
    label: "Trace named in the text",
    description: "The trace whose id stands in the text of the line.",
    targetUID: sourceUid("tempo"),
    config: {
      type: "query",
      field: "message",
      target: traces("${traceId}"),
      transformations: taking("traceId", ID_IN_TEXT),
    },
  },
];

const fromTraces: readonly Correlation[] = [
  {
    label: "Logs of the trace",
    description: "Lines of all services that carry the trace's id.",
    targetUID: sourceUid("elasticsearch"),
    config: {
      type: "query",
      field: "traceID",
      target: logs(logsOfTrace("${traceId}")),
      transformations: taking("traceId"),
    },
  },
];

/**
 * What leads on from a data source's answers, by its uid.
 * Source: https://grafana.com/docs/grafana/latest/administration/correlations/
 */
export const CORRELATIONS: ReadonlyMap<string, readonly Correlation[]> = new Map([
  [sourceUid("elasticsearch"), fromLogs],
  [sourceUid("tempo"), fromTraces],
]);
