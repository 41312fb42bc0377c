import type { YamlPath } from "../../lib/yaml-places.ts";
import { aggregate } from "../rules/aggregate.ts";
import { notGood } from "./counts.ts";
import { eventsOf, type ReadSli } from "./events.ts";
import type { Findings } from "./findings.ts";
import type { OpenSloOperator } from "./openslo-fields.ts";
import type { OpenSloShelf, Placed } from "./openslo-objects.ts";
import { withWindow, type SampleMeaning } from "./openslo-queries.ts";
import type { OpenSloMetric, OpenSloObjective, OpenSloSli } from "./openslo-schema.ts";

/** What speaks PromQL. */
const TYPES = new Set(["prometheus", "thanos", "cortex", "mimir", "victoriametrics", "amazonprometheus"]);

/** Says what becomes of the details of a connection, which may be secret: they are not looked at. */
export const noteConnection = (findings: Findings, path: YamlPath): void =>
  findings.warning("no-effect", path, "is not used: rules ask the Prometheus that they are loaded into");

/** How an SLI is read. */
export interface OpenSloSliContext {
  readonly shelf: OpenSloShelf;
  /** Where the objective stands, for what its own fields lack. */
  readonly objective: Placed<OpenSloObjective>;
  /** Whether all stretches of time weigh the same, however many events were in them: RatioTimeslices. */
  readonly byTime: boolean;
}

type Ratio = NonNullable<OpenSloSli["ratioMetric"]>;

/** Reads an SLI for an objective; undefined after a finding. */
export function openSloSli(sli: Placed<OpenSloSli>, context: OpenSloSliContext): ReadSli | undefined {
  const { ratioMetric, thresholdMetric } = sli.value;
  const ratioKey = context.shelf.version === "openslo/v1alpha" ? "ratioMetrics" : "ratioMetric";
  const queries = new Queries(sli, context.shelf);
  if (thresholdMetric !== undefined)
    return threshold(queries.read(thresholdMetric, ["thresholdMetric"]), queries, context);
  if (ratioMetric === undefined) return undefined;
  const { findings, path, value } = context.objective;
  // v1alpha wants a value in any case
  if (value.op != null || (value.value != null && ratioKey === "ratioMetric"))
    findings.warning("no-effect", [...path, value.op == null ? "value" : "op"], "has no effect on a ratio");
  return ratio(ratioMetric, ratioKey, queries, context);
}

function ratio(metric: Ratio, key: string, queries: Queries, { byTime }: OpenSloSliContext): ReadSli | undefined {
  if (metric.raw !== undefined) {
    const raw = queries.windowed(metric.raw, [key, "raw"], "ratio");
    return raw && ratioOf(metric.rawType === "success" ? `1 - (${raw.text})` : raw.text, raw.path, queries);
  }
  const meaning = metric.counter == null ? undefined : metric.counter ? "counter" : "count";
  const which = metric.bad === undefined ? "good" : "bad";
  const part = metric[which];
  const total = metric.total && queries.windowed(metric.total, [key, "total"], meaning);
  const counted = part && queries.windowed(part, [key, which], meaning);
  if (total === undefined || counted === undefined || !queries.isOfOneSource(metric, key)) return undefined;
  const errors = which === "bad" ? counted.text : notGood(total.text, counted.text, []);
  if (!byTime) return eventsOf(queries.sli.findings, total, { text: errors, path: counted.path });
  const [all, failed] = [aggregate("sum", total.text, []), aggregate("sum", errors, [])];
  return ratioOf(`(${failed} or ${all} * 0) / (${all} > 0)`, counted.path, queries);
}

function ratioOf(text: string, path: YamlPath, { sli }: Queries): ReadSli | undefined {
  const read = sli.findings.promql(text, path);
  return read && { sli: { kind: "ratio", errorRatio: read.promql }, countsEvents: false };
}

/** What is bad when an operator says what is good. */
const BAD: Readonly<Record<OpenSloOperator, string>> = { lte: ">", lt: ">=", gte: "<", gt: "<=" };

/**
 * A value that is compared each minute: the minutes are the events, and those failed in which it was not as wanted. A
 * query with an open window is compared once for each instead. NaN, such as a quantile of nothing, is left out by
 * `>= -Inf`.
 */
function threshold(
  written: Query | undefined,
  queries: Queries,
  { objective: { value: objective, path, findings }, byTime }: OpenSloSliContext,
): ReadSli | undefined {
  const { op, value } = objective;
  if (op == null || value == null) {
    const missing = op == null ? "op" : "value";
    findings.error("shape", [...path, missing], "is missing: a thresholdMetric is compared by `op` with `value`");
    return undefined;
  }
  if (written === undefined) return undefined;
  const { text, path: at } = written;
  const read = queries.sli.findings.promql(text, at);
  if (read === undefined) return undefined;
  const known = `(${read.promql.text}) >= -Inf`;
  const bad = `(${known}) ${BAD[op]} bool ${value}`;
  if (read.windows > 0) return ratioOf(bad, at, queries);
  const errors = `sum(sum_over_time((${bad})[$window:1m]))`;
  const total = `sum(count_over_time((${known})[$window:1m]))`;
  if (byTime) return ratioOf(`${errors} / ${total}`, at, queries);
  const [all, failed] = [queries.sli.findings.promql(total, at), queries.sli.findings.promql(errors, at)];
  return all && failed && { sli: { kind: "events", total: all.promql, errors: failed.promql }, countsEvents: false };
}

interface Query {
  readonly text: string;
  readonly path: YamlPath;
}

/** The queries of one SLI. */
class Queries {
  readonly sli: Placed<OpenSloSli>;
  private readonly shelf: OpenSloShelf;

  constructor(sli: Placed<OpenSloSli>, shelf: OpenSloShelf) {
    this.sli = sli;
    this.shelf = shelf;
  }

  /** A query with its window left open. */
  windowed(metric: OpenSloMetric, below: YamlPath, meaning: SampleMeaning): Query | undefined {
    const written = this.read(metric, below);
    if (written === undefined) return undefined;
    const { findings } = this.sli;
    const query = withWindow(written.text, meaning);
    if ("fault" in query) {
      findings.error("promql", written.path, query.fault);
      return undefined;
    }
    if (query.range !== undefined && query.range !== "5m")
      findings.warning(
        "window-taken",
        written.path,
        `has no $window, so its range [${query.range}] is taken for the window: 5m are counted at a time`,
      );
    return { text: query.text, path: written.path };
  }

  /** A query as it is written, of a source that speaks PromQL. */
  read({ ref, type, spec, at }: OpenSloMetric, below: YamlPath): Query | undefined {
    const { findings } = this.sli;
    const base = [...this.sli.path, ...below];
    if (at.details !== undefined) noteConnection(findings, [...base, ...at.details]);
    const place = { value: ref ?? "", path: [...base, ...at.ref], findings };
    const source = ref === undefined ? undefined : this.shelf.resolve("DataSource", place);
    if (ref !== undefined && source === undefined) return undefined;
    const kind = type ?? source?.value.type;
    const isKnown = kind !== undefined && TYPES.has(kind.toLowerCase().replaceAll(/[^a-z]/g, ""));
    if (kind === undefined)
      findings.error("shape", base, "needs the type of its source, or a reference to a DataSource");
    else if (!isKnown)
      findings.error(
        "unsupported",
        [...base, ...(type === undefined ? at.ref : at.type)],
        "must be of type Prometheus, or of what speaks its language",
      );
    const [[key, text] = ["", undefined], ...others] = Object.entries(spec);
    const isQuery = (key === "query" || key === "promql") && typeof text === "string" && text !== "";
    if (isQuery && others.length === 0) return isKnown ? { text, path: [...base, ...at.spec, key] } : undefined;
    if (isKnown) findings.error("shape", [...base, ...at.spec], "must have one key, `query`, with PromQL");
    return undefined;
  }

  isOfOneSource({ good, bad, total }: Ratio, key: string): boolean {
    const refs = new Set([good, bad, total].flatMap((metric) => (metric === undefined ? [] : [metric.ref])));
    if (refs.size === 1) return true;
    const message = "asks two data sources, and a rule asks only the one that it is loaded into: take one for both";
    this.sli.findings.error("unsupported", [...this.sli.path, key], message);
    return false;
  }
}
