import type { VNode } from "preact";
import type { BundleQuestion, EvidenceDetail } from "../../../core/evidence.ts";
import type { Points } from "../../../core/telemetry.ts";
import { measured } from "../../../lib/measure.ts";
import { html } from "../page.ts";
import { timeMarks } from "./time-marks.ts";

const WIDTH = 420;
const HEIGHT = 150;
const LEFT = 66;
const RIGHT = 6;
const TOP = 8;
const BOTTOM = 24;
const MOST_MARKS = 4;

/** The times that a chart shows, the same in all of a page. */
export type ChartTimes = Pick<BundleQuestion, "window" | "baseline">;

/**
 * One metric with its unit: the window, shaded, the time before it, and the same time yesterday and last week thin
 * behind it. An SVG picture.
 */
export function renderMetricChart(detail: Extract<EvidenceDetail, { kind: "metric" }>, times: ChartTimes): VNode {
  const { metric, window, before, yesterday, lastWeek } = detail;
  const span = { from: times.baseline.from, to: times.window.to };
  const values = [...before, ...window, ...yesterday, ...lastWeek].map(([, value]) => value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const spread = greatest - least || Math.abs(greatest) || 1;
  const x = (at: number): number =>
    round(LEFT + ((at - span.from) / (span.to - span.from || 1)) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): number => round(TOP + ((greatest - value) / spread) * (HEIGHT - TOP - BOTTOM));
  const line = (points: Points, stroke: string, width: number, title: string): VNode | false =>
    points.length > 0 &&
    html`<path d=${pathOf(points, x, y)} fill="none" stroke=${stroke} stroke-width=${width} stroke-linejoin="round"
      ><title>${title}</title></path
    >`;
  const level = (value: number): VNode =>
    html`<text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end" fill="var(--soft)">${measured(value, detail)}</text>`;
  return html`<svg
    viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
    role="img"
    aria-label=${`${metric} over time`}
    class="chart metric"
    font-size="12"
  >
    ${shade(x(times.window.from))} ${level(greatest)} ${greatest > least && level(least)}
    ${line(lastWeek, "var(--line)", 1, "a week before")} ${line(yesterday, "var(--line)", 1, "a day before")}
    ${line(before, "var(--soft)", 1.5, "before")} ${line(window, "currentColor", 2, "in the window")}
    ${timeMarks(span, MOST_MARKS).map(
      ({ at, text }) => html`<text x=${x(at)} y=${HEIGHT - 6} text-anchor="middle" fill="var(--soft)">${text}</text>`,
    )}
  </svg>`;
}

const shade = (left: number): VNode =>
  html`<rect
    x=${left}
    y="0"
    width=${round(WIDTH - RIGHT - left)}
    height=${HEIGHT - BOTTOM + 4}
    fill="var(--line)"
    opacity="0.35"
  />`;

/** A point far from the one before it begins a line of its own: what was not measured is not drawn. */
function pathOf(points: Points, x: (at: number) => number, y: (value: number) => number): string {
  const steps = points.slice(1).map(([at], i) => at - (points[i]?.[0] ?? at));
  const gap = 2.5 * (steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0);
  return points
    .map(([at, value], i) => {
      const begins = i === 0 || at - (points[i - 1]?.[0] ?? at) > gap;
      return begins ? `M${x(at)} ${y(value)}h1` : `L${x(at)} ${y(value)}`;
    })
    .join("");
}

const round = (value: number): number => Math.round(value * 10) / 10;
