/** Labels of exemplars with a trace's id: those of Tempo's metrics-generator, and those of OpenTelemetry's SDKs. */
export const TRACE_ID_LABELS = ["traceID", "trace_id"];

/** Fields of log lines with a trace's id: of ECS, and of OpenTelemetry's own mapping. */
export const TRACE_ID_FIELDS = ["trace.id", "trace_id"];

/** The log lines of a trace, by Lucene's query language. */
export const logsOfTrace = (id: string): string => TRACE_ID_FIELDS.map((field) => `${field}:"${id}"`).join(" OR ");
