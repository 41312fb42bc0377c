import type { VNode } from "preact";
import type { Trace } from "../../../core/telemetry.ts";
import { spanRows, type SpanRow } from "../../../lib/span-rows.ts";
import { clip, oneLine } from "../../../lib/text.ts";
import { html } from "../page.ts";
import { lengthText } from "./words.ts";

const MOST_ROWS = 120;

/** The spans of a trace, each as a bar at its time under the one that caused it; what failed is marked. */
export function renderWaterfall(trace: Pick<Trace, "spans">): VNode {
  const rows = spanRows(trace.spans);
  const from = Math.min(...trace.spans.map(({ startsAt }) => startsAt));
  const to = Math.max(...trace.spans.map(({ startsAt, durationMs }) => startsAt + durationMs));
  const hidden = rows.length - MOST_ROWS;
  return html`<div class="waterfall">
    ${rows.slice(0, MOST_ROWS).map((row) => rowOf(row, from, to - from || 1))}
    ${hidden > 0 && html`<p class="soft">${hidden} more spans are not shown.</p>`}
  </div>`;
}

function rowOf({ span, depth }: SpanRow, from: number, length: number): VNode {
  const failed = span.status === "error";
  const left = ((span.startsAt - from) / length) * 100;
  const width = Math.max(0.4, (span.durationMs / length) * 100);
  const title = [
    `${span.service}: ${span.name} (${span.kind})`,
    ...(span.statusMessage === undefined ? [] : [span.statusMessage]),
    ...Object.entries(span.attributes)
      .slice(0, 30)
      .map(([name, value]) => `${name}: ${clip(oneLine(value), 120)}`),
  ].join("\n");
  return html`<div class="span" title=${title}>
    <span class="who" style=${`padding-left: ${depth * 0.8}rem`}
      ><strong class=${failed ? "bad" : ""}>${clip(oneLine(span.service), 40)}</strong>
      <span> ${clip(oneLine(span.name), 60)}</span
      >${failed && span.statusMessage !== undefined && html` <em class="bad">${clip(oneLine(span.statusMessage), 100)}</em>`}</span
    ><span class="when"
      ><i
        class=${failed ? "bar failed" : "bar"}
        style=${`left: ${left.toFixed(2)}%; width: ${Math.min(100 - left, width).toFixed(2)}%`}
      ></i></span
    ><span class="length">${lengthText(span.durationMs)}</span>
  </div>`;
}
