/** A value of TraceQL: numbers of durations are nanoseconds. */
export type Value =
  | { readonly type: "string" | "status" | "kind"; readonly value: string }
  | { readonly type: "int" | "float" | "duration"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "nil"; readonly value: null };

/** What a span has: an intrinsic, or an attribute of a scope (`any`: of the span, else of its resource). */
export interface Field {
  readonly scope: "intrinsic" | "span" | "resource" | "event" | "link" | "instrumentation" | "any";
  /** Without the scope; of an intrinsic its usual name, such as `traceDuration`. */
  readonly name: string;
  /** As labels and errors write it, such as `resource.service.name`. */
  readonly text: string;
}

/** A condition or a sum, over one span. */
export type Expression =
  | { readonly type: "static"; readonly value: Value }
  | { readonly type: "field"; readonly field: Field }
  | { readonly type: "unary"; readonly operator: "!" | "-"; readonly operand: Expression }
  | { readonly type: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression };

/** A set of spans, or several that are put together. */
export type Spanset =
  | { readonly type: "filter"; readonly condition: Expression | undefined }
  | { readonly type: "joined"; readonly operator: string; readonly left: Spanset; readonly right: Spanset }
  | { readonly type: "nested"; readonly pipeline: Pipeline };

/** What is counted over a set of spans, such as `avg(duration)`. */
export interface Aggregate {
  readonly name: string;
  readonly of: Field | undefined;
}

/** What becomes of the spans, step by step. */
export type Stage =
  | { readonly type: "filter"; readonly spans: Spanset }
  | { readonly type: "by"; readonly field: Field }
  | { readonly type: "coalesce" }
  | { readonly type: "select"; readonly fields: readonly Field[] }
  | { readonly type: "aggregate"; readonly aggregate: Aggregate; readonly operator: string; readonly limit: Value }
  | MetricsStage
  | { readonly type: "top"; readonly name: "topk" | "bottomk"; readonly count: number }
  | { readonly type: "threshold"; readonly operator: string; readonly limit: number };

/** The step that makes series of spans. */
export interface MetricsStage {
  readonly type: "metrics";
  /** Such as `rate`, `quantile_over_time`, `compare`. */
  readonly name: string;
  readonly of: Field | undefined;
  readonly quantiles: readonly number[];
  readonly by: readonly Field[];
  /** Of `compare()`. */
  readonly selection?: Spanset;
  readonly top?: number;
  /** Of `compare()`: where the selection lies, in Unix nanoseconds; 0 and 0 are everywhere. */
  readonly from?: number;
  readonly to?: number;
}

/** A set of spans and what becomes of it. */
export interface Pipeline {
  readonly spans: Spanset;
  readonly stages: readonly Stage[];
}

/** A whole query: one pipeline, or two whose series are reckoned with. */
export interface Query {
  readonly root:
    | { readonly type: "pipeline"; readonly pipeline: Pipeline }
    | { readonly type: "math"; readonly operator: string; readonly left: Query["root"]; readonly right: Query["root"] };
  /** Of `with (...)`. */
  readonly hints: Readonly<Record<string, Value>>;
}

/** The step of a pipeline that makes series, if one does. */
export function metricsOf({ stages }: Pipeline): MetricsStage | undefined {
  return stages.find((stage) => stage.type === "metrics");
}
