import type { VNode } from "preact";
import type { EvidenceDetail } from "../../../core/evidence.ts";
import type { Points } from "../../../core/telemetry.ts";
import { html } from "../page.ts";
import { numberText } from "../../../core/evidence-words.ts";

const WIDTH = 420;
const HEIGHT = 90;
const LEFT = 62;
const BOTTOM = 4;

/** One metric: the window in colour, the time before it, and the same time yesterday and last week thin behind it. An SVG picture. */
export function renderMetricChart({
  metric,
  window,
  before,
  yesterday,
  lastWeek,
}: Extract<EvidenceDetail, { kind: "metric" }>): VNode {
  const all = [...before, ...window, ...yesterday, ...lastWeek];
  const times = [...before, ...window].map(([at]) => at);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const values = all.map(([, value]) => value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const spread = greatest - least || Math.abs(greatest) || 1;
  const x = (at: number): number => round(LEFT + ((at - from) / (to - from || 1)) * (WIDTH - LEFT - 4));
  const y = (value: number): number => round(4 + ((greatest - value) / spread) * (HEIGHT - 8 - BOTTOM));
  const line = (points: Points, stroke: string, width: number, title: string): VNode | false =>
    points.length > 0 &&
    html`<path d=${pathOf(points, x, y)} fill="none" stroke=${stroke} stroke-width=${width} stroke-linejoin="round"
      ><title>${title}</title></path
    >`;
  return html`<svg
    viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
    role="img"
    aria-label=${`${metric} over time`}
    class="chart metric"
    font-size="11"
  >
    <text x=${LEFT - 5} y="12" text-anchor="end" fill="var(--soft)">${numberText(greatest)}</text>
    <text x=${LEFT - 5} y=${HEIGHT - BOTTOM - 2} text-anchor="end" fill="var(--soft)">${numberText(least)}</text>
    ${line(lastWeek, "var(--line)", 1, "a week before")} ${line(yesterday, "var(--line)", 1, "a day before")}
    ${line(before, "var(--soft)", 1.5, "before")} ${line(window, "var(--bad)", 2, "in the window")}
  </svg>`;
}

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
