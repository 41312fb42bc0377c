import { html } from "htm/preact";
import type { VNode } from "preact";
import type { Span } from "../budget/spans.ts";
import { writeDay, writeTime } from "./period.ts";

const WIDTH = 720;
const HEIGHT = 170;
const LEFT = 52;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;
const X_MARKS = 6;
/** Height of a line of text. */
const LINE = 12;

/** A line over time. */
export interface Chart {
  /** For those who can not see it. */
  readonly title: string;
  readonly span: Span;
  readonly timeZone: string;
  /** In order of time, Unix seconds; undefined breaks the line. */
  readonly points: readonly { readonly at: number; readonly value: number | undefined }[];
  /** Least and greatest value of the axis; grows when the points need it. */
  readonly range: readonly [least: number, greatest: number];
  /** A value to be told from the others, such as 0. */
  readonly mark: number;
  /** On which side of the mark the line is good. */
  readonly good: "above" | "below";
  readonly format: (value: number) => string;
  /** Times in which nothing was measured. */
  readonly gaps?: readonly Span[];
  /** Times that do not count. */
  readonly excluded?: readonly Span[];
}

/** What the areas of a chart mean; empty without any. */
export const legendInWords = ({ gaps = [], excluded = [] }: Pick<Chart, "gaps" | "excluded">): string =>
  [
    ...(gaps.length > 0 ? ["Grey: not measured."] : []),
    ...(excluded.length > 0 ? ["Dashed: maintenance, which does not count."] : []),
  ].join(" ");

/**
 * An SVG picture; it takes its colours from `--ok`, `--bad`, `--line` and `--soft` of the page, and its width from its
 * place.
 */
export function renderChart(chart: Chart): VNode {
  const { span, title, timeZone, mark, format, gaps = [], excluded = [] } = chart;
  const [least, greatest] = rangeOf(chart);
  const x = (at: number): number => round(LEFT + ((at - span.from) / (span.to - span.from)) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): number => round(TOP + ((greatest - value) / (greatest - least)) * (HEIGHT - TOP - BOTTOM));
  const write = span.to - span.from > 3 * 86_400 ? writeDay : writeTime;
  const times = Array.from({ length: X_MARKS }, (_, i) => span.from + ((span.to - span.from) * i) / X_MARKS);
  return html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${title} class="chart" font-size="11">
    ${gaps.map(
      ({ from, to }) =>
        html`<rect
          x=${x(from)}
          y=${TOP}
          width=${round(x(to) - x(from))}
          height=${HEIGHT - TOP - BOTTOM}
          fill="var(--line)"
          ><title>not measured: ${writeTime(from, timeZone)} to ${writeTime(to, timeZone)}</title></rect
        >`,
    )}
    ${excluded.map(
      ({ from, to }) =>
        html`<rect
          x=${x(from)}
          y=${TOP}
          width=${Math.max(1, round(x(to) - x(from)))}
          height=${HEIGHT - TOP - BOTTOM}
          fill="none"
          stroke="var(--soft)"
          stroke-dasharray="2 3"
          ><title>does not count: ${writeTime(from, timeZone)} to ${writeTime(to, timeZone)}</title></rect
        >`,
    )}
    ${marksOf(chart, y).map(
      (value) =>
        html`<line
            x1=${LEFT}
            x2=${WIDTH - RIGHT}
            y1=${y(value)}
            y2=${y(value)}
            stroke=${value === mark ? "var(--bad)" : "var(--line)"}
          /><text x=${LEFT - 5} y=${y(value) + 4} text-anchor="end" fill="var(--soft)">${format(value)}</text>`,
    )}
    ${times.map((at) => html`<text x=${x(at)} y=${HEIGHT - 6} fill="var(--soft)">${write(at, timeZone)}</text>`)}
    ${lineOf(chart, pathOf(chart, x, y), y(mark))}
  </svg>`;
}

/**
 * The line in two colours: each side of the mark is a window on it. The mark itself is good, to the line's half width.
 */
function lineOf({ good }: Chart, path: string, mark: number): readonly VNode[] {
  const edge = good === "above" ? mark + 1 : mark - 1;
  const sides = [
    { from: 0, to: edge, isGood: good === "above" },
    { from: edge, to: HEIGHT, isGood: good === "below" },
  ];
  return sides.map(
    ({ from, to, isGood }) =>
      html`<svg y=${from} width=${WIDTH} height=${to - from} viewBox=${`0 ${from} ${WIDTH} ${to - from}`}>
        <path
          d=${path}
          fill="none"
          stroke=${isGood ? "var(--ok)" : "var(--bad)"}
          stroke-width="2"
          stroke-linejoin="round"
        />
      </svg>`,
  );
}

function rangeOf({ points, range: [least, greatest] }: Chart): readonly [number, number] {
  const values = points.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return [Math.min(least, ...values), Math.max(greatest, ...values)];
}

/** What is written at the axis: as much of it as does not overlap. */
function marksOf(chart: Chart, y: (value: number) => number): readonly number[] {
  const [least, greatest] = rangeOf(chart);
  const others = [greatest, least].filter((value) => Math.abs(y(value) - y(chart.mark)) > LINE);
  return [chart.mark, ...others];
}

/** A point that stands alone is drawn as a short line. */
function pathOf({ points }: Chart, x: (at: number) => number, y: (value: number) => number): string {
  let isDrawing = false;
  return points
    .map(({ at, value }) => {
      const begins = !isDrawing;
      isDrawing = value !== undefined;
      if (value === undefined) return "";
      return begins ? `M${x(at)} ${y(value)}h1` : `L${x(at)} ${y(value)}`;
    })
    .join("");
}

const round = (value: number): number => Math.round(value * 10) / 10;
