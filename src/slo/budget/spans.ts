/** A stretch of time, Unix seconds: after `from`, until `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The spans in order, those that touch or overlap as one; empty ones are left out. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last !== undefined && span.from <= last.to)
      all[all.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else all.push({ from: span.from, to: span.to });
  }
  return all;
}
