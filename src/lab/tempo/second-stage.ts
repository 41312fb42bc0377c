import type { Grid, Series } from "./series-types.ts";
import { compareValues } from "./traceql/conditions.ts";
import type { Value } from "./traceql/tree.ts";

/** Keeps, at each point, the series with the largest values (`direction` 1) or the smallest (-1). */
export function keepTop(
  series: readonly Series[],
  { count, direction, grid }: { readonly count: number; readonly direction: 1 | -1; readonly grid: Grid },
): readonly Series[] {
  const length = series[0]?.values.length ?? 0;
  const kept = series.map(({ values }) => values.map((): number | undefined => undefined));
  for (let point = 0; point < length; point += 1) {
    const order = series
      .map(({ values }, index) => ({ index, value: values[point] ?? 0 }))
      .toSorted((a, b) => direction * (b.value - a.value));
    for (const { index, value } of order.slice(0, count)) {
      const values = kept[index];
      if (values !== undefined) values[point] = value;
    }
  }
  return series
    .map((one, index) => withPoints(one, kept[index] ?? [], grid))
    .filter(({ values }) => values.some((value) => value !== undefined));
}

/** Exemplars go with their points; the list stays, maybe empty. */
function withPoints(series: Series, values: Series["values"], { firstMs, stepMs }: Grid): Series {
  const { exemplars, ...rest } = series;
  const kept = exemplars?.filter(({ atMs }) => values[Math.max(0, Math.ceil((atMs - firstMs) / stepMs))] !== undefined);
  return { ...rest, values, isCount: false, ...(kept && { exemplars: kept }) };
}

/** Keeps the points that pass a threshold; exemplars are lost. */
export function keepAbove(series: readonly Series[], operator: string, limit: number): readonly Series[] {
  const bound: Value = { type: "float", value: limit };
  return series
    .map(({ labels, values }) => ({
      labels,
      isCount: false,
      values: values.map((value) =>
        compareValues(operator, { type: "float", value: value ?? 0 }, bound) ? (value ?? 0) : undefined,
      ),
    }))
    .filter(({ values }) => values.some((value) => value !== undefined));
}
