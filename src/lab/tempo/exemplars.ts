import { numberOf, type Exemplar, type Label, type MetricsScope, type PlacedSpan } from "./series-types.ts";
import type { StoredSpan } from "./trace.ts";
import { stripZeros, valuesOf } from "./traceql/fields.ts";
import type { Field, MetricsStage, Value } from "./traceql/tree.ts";

/** Picks one span of a trace, until there are enough: no trace stands for two series. */
export class ExemplarPicker {
  readonly #seen = new Set<string>();
  readonly #labelsOf: (stored: StoredSpan) => readonly Label[];
  readonly #stage: MetricsStage;
  readonly #max: number;

  constructor(
    labelsOf: (stored: StoredSpan) => readonly Label[],
    stage: MetricsStage,
    { maxExemplars, grid }: MetricsScope,
  ) {
    this.#labelsOf = labelsOf;
    this.#stage = stage;
    this.#max = grid.isInstant ? 0 : maxExemplars;
  }

  pick(spans: readonly PlacedSpan[]): readonly Exemplar[] {
    return spans.flatMap(({ stored }) => {
      const { id } = stored.trace;
      if (this.#seen.size >= this.#max || this.#seen.has(id)) return [];
      this.#seen.add(id);
      const traceId: Value = { type: "string", value: stripZeros(id) };
      return [
        {
          labels: [{ key: "trace:id", value: traceId }, ...this.#labelsOf(stored)],
          value: this.#stage.of === undefined ? undefined : numberOf(stored, this.#stage.of),
          atMs: Number(stored.span.startTimeUnixNano / 1_000_000n),
        },
      ];
    });
  }
}

/** Shows the fields of a query, each once. */
export function labelsOf(fields: readonly Field[]): (stored: StoredSpan) => readonly Label[] {
  const shown = fields.filter(
    ({ text, name }, index) =>
      !name.startsWith("nestedSet") && fields.findIndex((other) => other.text === text) === index,
  );
  return (stored) =>
    shown.flatMap((field) => {
      const [value] = valuesOf(stored, field);
      return value === undefined ? [] : [{ key: field.text, value }];
    });
}
