import type { VNode } from "preact";
import type { ReadLines, TraceView } from "../../../app/evidence/trace-view.ts";
import type { LogLine } from "../../../core/telemetry.ts";
import { moment } from "../../../lib/times.ts";
import { html, renderPage, type PageFrame } from "../page.ts";
import { EVIDENCE_STYLE } from "./style.ts";
import { traceForm } from "./look-up-forms.ts";
import { renderWaterfall } from "./waterfall.ts";
import { renderWhereabouts } from "./whereabouts.ts";

/** A trace with its log lines and metrics; what could not be read says why. */
export function renderTracePage(view: TraceView, frame: PageFrame): string {
  return renderPage(
    `Trace ${view.traceId} - Watchkeeper`,
    html`<main>
      <style dangerouslySetInnerHTML=${{ __html: EVIDENCE_STYLE }} />
      <h1 class="title">Trace ${view.traceId}</h1>
      ${renderTrace(view)} ${traceForm()}
      <p><a href="/evidence">All evidence</a></p>
    </main>`,
    frame,
  );
}

/** What a page of a trace has below its title. */
export const renderTrace = (view: TraceView): VNode =>
  html`${spans(view)} ${renderLogs(view.logs, "No log line has this trace id.")} ${renderWhereabouts(view)}`;

function spans({ trace }: TraceView): VNode {
  if (trace.state === "not_configured")
    return html`<p class="soft">No source of traces is configured (<code>evidence.traces</code>).</p>`;
  if (trace.state === "down")
    return html`<p class="banner bad">The trace could not be read: ${trace.reason}: ${trace.message}</p>`;
  if (trace.reading === undefined)
    return html`<p class="banner wait">
      The source has no trace of this id: it may be older than what it keeps, or was not sampled.
    </p>`;
  return html`<section>
    <h2>Spans</h2>
    ${trace.reading.notes.map((note) => html`<p class="wait">${note}</p>`)} ${renderWaterfall(trace.reading)}
  </section>`;
}

/** Lines of a log; `none` is said where there are none, and no note says why. */
export function renderLogs(outcome: ReadLines, none: string): VNode {
  if (outcome.state === "not_configured")
    return html`<p class="soft">No source of logs is configured (<code>evidence.elasticsearch</code>).</p>`;
  if (outcome.state === "down")
    return html`<p class="banner bad">The log lines could not be read: ${outcome.reason}: ${outcome.message}</p>`;
  const { lines, notes } = outcome.reading;
  return html`<section>
    <h2>Log lines</h2>
    ${notes.map((note) => html`<p class="wait">${note}</p>`)}
    ${lines.length > 0 ? renderLines(lines) : notes.length === 0 && html`<p class="soft">${none}</p>`}
  </section>`;
}

/** A table of lines. */
export const renderLines = (lines: readonly LogLine[]): VNode =>
  html`<table class="lines">
    <tbody>
      ${lines.map(lineRow)}
    </tbody>
  </table>`;

const lineRow = ({ at, level, service, pod, message }: LogLine): VNode =>
  html`<tr>
    <td class="soft">${moment(at).slice(0, 10)} ${new Date(at).toISOString().slice(11, 23)}</td>
    <td class=${level === "error" || level === "fatal" ? "bad" : level === "warn" ? "wait" : "soft"}>${level}</td>
    <td>${service}${pod !== undefined && html`<br /><span class="soft">${pod}</span>`}</td>
    <td>
      <pre><code>${message}</code></pre>
    </td>
  </tr>`;
