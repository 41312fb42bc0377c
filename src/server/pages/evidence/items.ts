import type { VNode } from "preact";
import type { EvidenceDetail, EvidenceItem, SignalReport } from "../../../core/evidence.ts";
import { countsInWords, SIGNAL_NAMES, statisticText, toldText, VERDICT_WORDS } from "../../../core/evidence-words.ts";
import { oneLine } from "../../../lib/text.ts";
import { moment } from "../../../lib/times.ts";
import { webLink } from "../delivery-parts.ts";
import { html } from "../page.ts";
import { renderMetricChart, type ChartTimes } from "./metric-chart.ts";
import { isUnseen } from "./unseen.ts";
import { lengthText } from "./words.ts";

const MOST_ITEMS = 12;

/** A signal in which something stands out: what does, and folded up what else was looked at. */
export function renderSignal({ signal, said, items }: SignalReport, times: ChartTimes): VNode {
  const shown = items.slice(0, MOST_ITEMS);
  const { found = [], others = [] } = Object.groupBy(shown, (item) => (item.isSignificant ? "found" : "others"));
  return html`<section id=${signal}>
    <h2>${SIGNAL_NAMES[signal]}</h2>
    <p class="soft">${said}${found.some(({ detail }) => detail.kind === "metric") && `. ${CHART_WORDS}`}</p>
    ${table(found, times)}
    ${
      others.length > 0 &&
      html`<details>
        <summary class="soft">${others.length} more that ${others.length === 1 ? "does" : "do"} not stand out</summary>
        ${table(others, times)}
      </details>`
    }
    ${items.length > shown.length && html`<p class="soft">${items.length - shown.length} weaker ones are in the JSON.</p>`}
  </section>`;
}

const CHART_WORDS = "Shaded: the window; grey: the time before it, and thin the same time a day and a week before.";

/** A signal in which nothing stands out, in one line; folded up what it has all the same. */
export function renderQuietSignal(report: SignalReport, times: ChartTimes): VNode | false {
  const { signal, verdict, said, items } = report;
  const isTold = isUnseen(report);
  if (isTold && items.length === 0) return false;
  const words = `: ${VERDICT_WORDS[verdict]}`;
  const line = html`<strong>${SIGNAL_NAMES[signal]}</strong
    >${words}${!isTold && html`<span class="soft">; ${said}</span>`}`;
  if (items.length === 0) return html`<p id=${signal}>${line}</p>`;
  return html`<details id=${signal}>
    <summary>${line}</summary>
    ${table(items.slice(0, MOST_ITEMS), times)}
  </details>`;
}

const table = (items: readonly EvidenceItem[], times: ChartTimes): VNode =>
  html`<table>
    <tbody>
      ${items.map((item) => itemRow(item, times))}
    </tbody>
  </table>`;

function itemRow(item: EvidenceItem, times: ChartTimes): VNode {
  const { id, title, isSignificant, numbers, detail } = item;
  const counts = [countsInWords(item), statisticText(numbers)] as const;
  return html`<tr id=${id}>
    <td colspan=${detail.kind === "metric" ? 1 : 2}>
      <div class=${isSignificant ? "title" : "title soft"}>${title}</div>
      ${counts.some((text) => text !== "") && html`<div class="soft">${counts[0]} <small>${counts[1]}</small></div>`}
      ${detailOf(item)}
    </td>
    ${detail.kind === "metric" && html`<td class="chartcell">${renderMetricChart(detail, times)}</td>`}
    <td class="links">${linkOf(item)}</td>
  </tr>`;
}

/** To where a person sees the same elsewhere; Watchkeeper's own page of a trace is linked by its id. */
function linkOf({ link, detail }: EvidenceItem): VNode | false {
  if (link === undefined || (isTrace(detail) && link.endsWith(`/traces/${traceIdOf(detail)}`))) return false;
  return webLink(link, linkText(link, detail));
}

type TraceDetail = Extract<EvidenceDetail, { kind: "trace" | "exemplar" }>;

const isTrace = (detail: EvidenceDetail): detail is TraceDetail =>
  detail.kind === "trace" || detail.kind === "exemplar";

const traceIdOf = (detail: TraceDetail): string =>
  detail.kind === "trace" ? detail.trace.traceId : detail.exemplar.traceId;

function detailOf({ detail, query }: EvidenceItem): VNode | false {
  switch (detail.kind) {
    case "log_pattern":
      return html`<pre><code>${detail.sample}</code></pre>
        <span class="soft">first seen ${moment(detail.firstSeenAt)}${detail.isNew && ", not in the time before"}</span>
        ${detail.traceId !== undefined && html` <a href=${`/traces/${detail.traceId}`}>a trace of it</a>`}`;
    case "metric":
      return html`<code class="label">${oneLine(detail.expr)}</code>`;
    case "trace":
      return html`<span class="soft"
        >${moment(detail.trace.startsAt)}, ${lengthText(detail.trace.durationMs)},${" "}
        ${ownPage(detail.trace.traceId)}</span
      >`;
    case "exemplar":
      return html`<span class="soft">${moment(detail.exemplar.at)}, ${ownPage(detail.exemplar.traceId)}</span>`;
    case "change":
      return html`<span class="soft"
        >${detail.change.kind}, ${moment(detail.change.at)}, ${toldText(detail.change)}</span
      >`;
    case "service":
      return (
        detail.p95Ms !== undefined &&
        html`<span class="soft"
          >p95 ${lengthText(detail.p95Ms.window)}, before ${lengthText(detail.p95Ms.baseline)}</span
        >`
      );
    case "field_value":
      return (
        query !== undefined &&
        html`<details>
          <summary class="soft">query</summary>
          <code class="label">${oneLine(query)}</code>
        </details>`
      );
  }
}

const ownPage = (traceId: string): VNode => html`<a href=${`/traces/${traceId}`}>${traceId}</a>`;

function linkText(link: string, detail: EvidenceDetail): string {
  if (detail.kind === "change") return "open";
  if (link.includes("/explore?")) return "Grafana";
  if (link.includes("/app/discover#")) return "Kibana";
  return link.includes("/graph?") ? "Prometheus" : "open";
}
