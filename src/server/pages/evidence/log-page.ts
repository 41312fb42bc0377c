import type { VNode } from "preact";
import { logIdText } from "../../../app/evidence/ids.ts";
import { aroundSaid, type LogView } from "../../../app/evidence/log-view.ts";
import { html, renderPage, type PageFrame } from "../page.ts";
import { EVIDENCE_STYLE } from "./style.ts";
import { logForm } from "./look-up-forms.ts";
import { renderLines, renderLogs, renderTrace } from "./trace-page.ts";
import { renderWhereabouts } from "./whereabouts.ts";

/** A log line, with its trace when it has one, else with what was logged around it. */
export function renderLogPage(view: LogView, frame: PageFrame): string {
  const { id, trace, around } = view;
  return renderPage(
    "Log line - Watchkeeper",
    html`<main>
      <style dangerouslySetInnerHTML=${{ __html: EVIDENCE_STYLE }} />
      <h1 class="title">Log line ${logIdText(id)}</h1>
      ${lineOf(view)}
      ${
        trace &&
        html`<h2>Trace <a href=${`/traces/${trace.traceId}`}>${trace.traceId}</a></h2>
          ${renderTrace(trace)}`
      }
      ${isFound(view) && trace === undefined && html`<p class="soft">${aroundSaid(around)}</p>`}
      ${around && html`${renderLogs(around.logs, "Nothing was logged around it.")} ${renderWhereabouts(around)}`}
      ${logForm()}
      <p><a href="/evidence">All evidence</a></p>
    </main>`,
    frame,
  );
}

const isFound = ({ line }: LogView): boolean => line.state === "read" && line.reading.line !== undefined;

function lineOf({ line: outcome }: LogView): VNode {
  if (outcome.state === "not_configured")
    return html`<p class="soft">No source of logs is configured (<code>evidence.elasticsearch</code>).</p>`;
  if (outcome.state === "down")
    return html`<p class="banner bad">The line could not be read: ${outcome.reason}: ${outcome.message}</p>`;
  const { line, notes } = outcome.reading;
  return html`${notes.map((note) => html`<p class="wait">${note}</p>`)}
  ${
    line === undefined
      ? html`<p class="banner wait">
          The indices of <code>evidence.elasticsearch.indices</code> have no readable line of this id: it may be older
          than what they keep.
        </p>`
      : renderLines([line])
  }`;
}
