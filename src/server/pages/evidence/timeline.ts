import type { VNode } from "preact";
import type { Incident } from "../../../app/evidence/incident.ts";
import { moment } from "../../../lib/times.ts";
import { html } from "../page.ts";
import { clock, timeMarks } from "./time-marks.ts";

const WIDTH = 900;
const TOP = 14;
const BARS = 110;
const LANE = 18;
const LEFT = 78;
const RIGHT = 8;
const BOTTOM = 22;
const MOST_MARKS = 9;
/** What happened so long after the window is drawn too. */
const AFTER_MS = 15 * 60_000;

/** One mark in a lane of the timeline. */
interface Mark {
  readonly at: number;
  readonly title: string;
  readonly mood: "ok" | "bad" | "wait" | "soft";
}

interface Lane {
  readonly name: string;
  readonly marks: readonly Mark[];
}

/**
 * Lines of logs over time, and under them what happened when: the alerts, the changes, and who was told. An SVG
 * picture.
 */
export function renderTimeline(incident: Incident): VNode {
  const { bundle } = incident;
  const { window, baseline } = bundle.question;
  const lanes = lanesOf(incident);
  const span = { from: baseline.from, to: endOf(lanes, window.to) };
  const x = (at: number): number =>
    round(
      LEFT +
        ((Math.min(span.to, Math.max(span.from, at)) - span.from) / (span.to - span.from)) * (WIDTH - LEFT - RIGHT),
    );
  const shown = lanes
    .map(({ name, marks }) => ({ name, marks: marks.filter(({ at }) => at <= span.to) }))
    .filter(({ marks }) => marks.length > 0);
  const bars = bundle.histogram.length > 0 ? BARS : 0;
  const height = TOP + bars + shown.length * LANE + BOTTOM;
  return html`<svg
    viewBox=${`0 0 ${WIDTH} ${height}`}
    role="img"
    aria-label="What happened when"
    class="chart"
    font-size="11"
  >
    <rect
      x=${x(window.from)}
      y="0"
      width=${round(x(window.to) - x(window.from))}
      height=${height - BOTTOM}
      fill="var(--line)"
      opacity="0.35"
    >
      <title>the window: ${moment(window.from)} to ${moment(window.to)}</title>
    </rect>
    ${bars > 0 && logBars(incident, x)} ${shown.map((lane, i) => laneOf(lane, TOP + bars + i * LANE, x))}
    ${timeMarks(span, MOST_MARKS).map(
      ({ at, text }) => html`<text x=${x(at)} y=${height - 6} text-anchor="middle" fill="var(--soft)">${text}</text>`,
    )}
  </svg>`;
}

/** The end of the window, or a little later when something happened then. */
const endOf = (lanes: readonly Lane[], end: number): number =>
  lanes
    .flatMap(({ marks }) => marks.map(({ at }) => at))
    .filter((at) => at <= end + AFTER_MS)
    .reduce((latest, at) => Math.max(latest, at), end);

function logBars({ bundle }: Incident, x: (at: number) => number): VNode {
  const { histogram } = bundle;
  const most = Math.max(1, ...histogram.map(({ lines }) => lines));
  const step = (histogram[1]?.at ?? 0) - (histogram[0]?.at ?? 0);
  const high = (count: number): number => round((count / most) * (BARS - 8));
  const bar = (at: number, count: number, fill: string): VNode =>
    html`<rect
      x=${x(at)}
      y=${TOP + BARS - high(count)}
      width=${Math.max(1, round(x(at + step) - x(at) - 1))}
      height=${high(count)}
      fill=${fill}
    />`;
  return html`<g>
    <text x=${LEFT - 6} y=${TOP + 8} text-anchor="end" fill="var(--soft)">${most.toLocaleString("en-US")}</text>
    <text x=${LEFT - 6} y=${TOP + BARS} text-anchor="end" fill="var(--soft)">log lines</text>
    ${histogram.map(
      ({ at, lines, failed }) =>
        html`<g
          ><title>${clock(at)}: ${lines} lines, ${failed} of them errors</title
          >${bar(at, lines, "var(--soft)")}${bar(at, failed, "var(--bad)")}</g
        >`,
    )}
  </g>`;
}

const laneOf = ({ name, marks }: Lane, y: number, x: (at: number) => number): VNode =>
  html`<g>
    <text x=${LEFT - 6} y=${y + LANE - 5} text-anchor="end" fill="var(--soft)">${name}</text>
    <line x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y + LANE - 9} y2=${y + LANE - 9} stroke="var(--line)" />
    ${marks.map(
      ({ at, title, mood }) =>
        html`<circle cx=${x(at)} cy=${y + LANE - 9} r="4.5" fill=${mood === "soft" ? "var(--soft)" : `var(--${mood})`}
          ><title>${clock(at)}: ${title}</title></circle
        >`,
    )}
  </g>`;

function lanesOf({ bundle, alert, deliveries }: Incident): readonly Lane[] {
  const asked = bundle.question.alert;
  const changes = bundle.reports.flatMap(({ items }) =>
    items.flatMap(({ detail, isSignificant }): readonly Mark[] =>
      detail.kind === "change"
        ? [{ at: detail.change.at, title: detail.change.title, mood: isSignificant ? "wait" : "soft" }]
        : [],
    ),
  );
  const alerts: readonly Mark[] = [
    ...(asked === undefined ? [] : [{ at: asked.startsAt, title: `${asked.name} begins`, mood: "bad" } as const]),
    ...(alert?.endsAt === undefined
      ? []
      : [{ at: alert.endsAt, title: `${asked?.name ?? ""} ends`, mood: "ok" } as const]),
  ];
  const told = deliveries.map(({ at, destination, action, isDone }): Mark => ({
    at,
    title: `${destination}: ${action}${isDone ? "" : " failed"}`,
    mood: isDone ? "ok" : "bad",
  }));
  return [
    { name: "alert", marks: alerts },
    { name: "changes", marks: changes },
    { name: "told", marks: told },
  ];
}

const round = (value: number): number => Math.round(value * 10) / 10;
