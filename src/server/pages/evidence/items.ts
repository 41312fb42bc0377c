import type { VNode } from "preact";
import type { EvidenceItem, SignalReport } from "../../../core/evidence.ts";
import { countsInWords, SIGNAL_NAMES, statisticText, VERDICT_WORDS } from "../../../core/evidence-words.ts";
import { oneLine } from "../../../lib/text.ts";
import { moment } from "../../../lib/times.ts";
import { webLink } from "../delivery-parts.ts";
import { html } from "../page.ts";
import { renderMetricChart } from "./metric-chart.ts";
import { lengthText, VERDICT_MOODS } from "./words.ts";

const MOST_ITEMS = 12;
const MOST_NOTES = 8;

/** One signal: its verdict in a sentence, what was found, and what could not be seen. */
export function renderSignal(report: SignalReport): VNode {
  const { signal, verdict, said, items, notes } = report;
  const shown = items.slice(0, MOST_ITEMS);
  return html`<section id=${signal}>
    <h2>${SIGNAL_NAMES[signal]}: <span class=${VERDICT_MOODS[verdict]}>${VERDICT_WORDS[verdict]}</span></h2>
    <p class="soft">${said}</p>
    ${notes.slice(0, MOST_NOTES).map((note) => html`<p class="wait">${note}</p>`)}
    ${
      shown.length > 0 &&
      html`<table>
        <tbody>
          ${shown.map(itemRow)}
        </tbody>
      </table>`
    }
    ${items.length > shown.length && html`<p class="soft">${items.length - shown.length} weaker ones are in the JSON.</p>`}
  </section>`;
}

function itemRow(item: EvidenceItem): VNode {
  const { id, title, isSignificant, numbers, link, detail } = item;
  return html`<tr id=${id}>
    <td>
      <span class=${isSignificant ? "title" : "title soft"}>${title}</span>
      <br /><span class="soft">${countsInWords(item)} <small>${statisticText(numbers)}</small></span>
      <br />${detailOf(item)}
    </td>
    <td class="chartcell">${detail.kind === "metric" && renderMetricChart(detail)}</td>
    <td class="links">${link !== undefined && webLink(link, linkText(link, item))}</td>
  </tr>`;
}

function detailOf({ detail }: EvidenceItem): VNode | false {
  switch (detail.kind) {
    case "log_pattern":
      return html`<pre><code>${detail.sample}</code></pre>
        <span class="soft">first seen ${moment(detail.firstSeenAt)}${detail.isNew && ", not in the time before"}</span>
        ${detail.traceId !== undefined && html` <a href=${`/traces/${detail.traceId}`}>a trace of it</a>`}`;
    case "metric":
      return html`<code class="label">${oneLine(detail.expr)}</code>`;
    case "trace":
      return html`<span class="soft"
        >${moment(detail.trace.startsAt)}, ${lengthText(detail.trace.durationMs)},
        ${ownPage(detail.trace.traceId)}</span
      >`;
    case "exemplar":
      return html`<span class="soft">${moment(detail.exemplar.at)}, ${ownPage(detail.exemplar.traceId)}</span>`;
    case "change":
      return html`<span class="soft"
        >${detail.change.kind}, ${moment(detail.change.at)}, told by ${detail.change.source}</span
      >`;
    case "service":
      return (
        detail.p95Ms !== undefined &&
        html`<span class="soft"
          >p95 ${lengthText(detail.p95Ms.window)}, before ${lengthText(detail.p95Ms.baseline)}</span
        >`
      );
    case "field_value":
      return false;
  }
}

const ownPage = (traceId: string): VNode => html`<a href=${`/traces/${traceId}`}>${traceId}</a>`;

function linkText(link: string, { detail }: EvidenceItem): string {
  if (detail.kind === "change") return "open";
  if (link.includes("/explore?")) return "Grafana";
  if (link.includes("/app/discover#")) return "Kibana";
  return link.includes("/graph?") ? "Prometheus" : "open";
}
