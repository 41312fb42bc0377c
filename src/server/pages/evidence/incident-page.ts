import type { VNode } from "preact";
import type { Incident } from "../../../app/evidence/incident.ts";
import type { SloSummary } from "../../../app/slo/list-slos.ts";
import type { Bundle, EvidenceItem, EvidenceSignal } from "../../../core/evidence.ts";
import { sentence } from "../../../lib/text.ts";
import { inWords, moment } from "../../../lib/times.ts";
import { ago, command, labelList } from "../delivery-parts.ts";
import { html, renderPage, type PageFrame } from "../page.ts";
import { leftText } from "../slo-parts.ts";
import { nameOf, renderHead } from "./incident-head.ts";
import { renderQuietSignal, renderSignal } from "./items.ts";
import { nothingText, SIGNAL_NAMES } from "../../../core/evidence-words.ts";
import { EVIDENCE_STYLE } from "./style.ts";
import { renderTimeline } from "./timeline.ts";
import { renderUnseen } from "./unseen.ts";
import { renderWaterfall } from "./waterfall.ts";

/** What the page of an incident shows besides the incident. */
export interface IncidentPageContext extends PageFrame {
  readonly now: number;
  /** Objectives of the services that it is about. */
  readonly slos: readonly SloSummary[];
}

/** The page of one incident: what stands out first, then when, then each signal with its numbers. */
export function renderIncidentPage(incident: Incident, context: IncidentPageContext): string {
  const { bundle } = incident;
  const name = nameOf(incident);
  return renderPage(
    `${name} - evidence - Watchkeeper`,
    html`<main>
      <style dangerouslySetInnerHTML=${{ __html: EVIDENCE_STYLE }} />
      <h1 class="title">${name}</h1>
      ${renderHead(incident, context.now)} ${findings(incident)} ${renderUnseen(bundle)} ${budgets(context.slos)}
      ${when(incident)} ${traceSection(incident)} ${signals(bundle)} ${about(incident, context)}
    </main>`,
    context,
  );
}

/** What failed is read before what was done. */
const PLACES: Readonly<Record<EvidenceSignal, number>> = {
  logs: 0,
  changes: 1,
  traces: 2,
  trace_attributes: 3,
  log_fields: 4,
  metrics: 5,
};

/** Each signal with its numbers: those in which something stands out, and under a line the others. */
function signals({ reports, question }: Bundle): VNode {
  const sorted = reports.toSorted((a, b) => PLACES[a.signal] - PLACES[b.signal]);
  const { found = [], quiet = [] } = Object.groupBy(sorted, ({ verdict }) =>
    verdict === "significant" ? "found" : "quiet",
  );
  const lines = quiet.flatMap((report) => renderQuietSignal(report, question) || []);
  return html`<div>
    ${found.map((report) => renderSignal(report, question))}
    ${
      lines.length > 0 &&
      html`<section class="quiet">
        <h2>Looked at without a finding</h2>
        ${lines}
      </section>`
    }
  </div>`;
}

function when(incident: Incident): VNode {
  const { window, baseline } = incident.bundle.question;
  return html`<section>
    <h2>When</h2>
    <p class="soft">
      ${moment(window.from)} to ${moment(window.to).slice(11)} (shaded), compared with the
      ${" "}${inWords(baseline.to - baseline.from)} before it.
    </p>
    <div class="timeline" tabindex="0">${renderTimeline(incident)}</div>
    <p class="soft">
      Grey bars: log lines${barLength(incident)}; red: those at error or fatal. Dots: when the alert began and ended,
      what was changed, and who was told (red: the attempt failed).
    </p>
  </section>`;
}

function barLength({ bundle: { histogram } }: Incident): string {
  const [first, second] = histogram;
  return first === undefined || second === undefined ? "" : ` in each ${inWords(second.at - first.at)}`;
}

/** The best of all signals: what a person who has one minute should read. */
function findings({ bundle }: Incident): VNode {
  const items = new Map(bundle.reports.flatMap((report) => report.items.map((item) => [item.id, item] as const)));
  const top = bundle.top.flatMap((id) => items.get(id) ?? []);
  return html`<section class="findings">
    <h2>What stands out</h2>
    ${
      top.length === 0
        ? html`<p>${sentence(nothingText(bundle))}</p>`
        : html`<ol>
            ${top.map(finding)}
          </ol>`
    }
  </section>`;
}

const finding = ({ id, title, signal }: EvidenceItem): VNode =>
  html`<li><a class="plain" href=${`#${id}`}>${title}</a> <small class="soft">${SIGNAL_NAMES[signal]}</small></li>`;

function budgets(slos: readonly SloSummary[]): VNode | false {
  return (
    slos.length > 0 &&
    html`<section>
      <h2>Error budgets</h2>
      <table>
        <tbody>
          ${slos.map(
            (slo) =>
              html`<tr>
                <td><a href=${`/slos/${slo.id}`}>${slo.service}: ${slo.name}</a></td>
                <td>${leftText(slo)}</td>
                <td class="soft">${slo.state}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`
  );
}

function traceSection({ bundle: { trace } }: Incident): VNode | false {
  return (
    trace !== undefined &&
    html`<section>
      <h2>A trace of it</h2>
      <p class="soft"><a href=${`/traces/${trace.traceId}`}>${trace.traceId}</a>, ${trace.spans.length} spans</p>
      ${renderWaterfall(trace)}
    </section>`
  );
}

function about({ bundle, others }: Incident, { now }: IncidentPageContext): VNode {
  const { question, queries, createdAt, tookMs } = bundle;
  return html`<section>
    <h2>How this came about</h2>
    <p>Looked at ${ago(createdAt, now)}, in ${inWords(tookMs)}. The same question again, and what differs:</p>
    ${command(`watchkeeper correlate --rerun ${bundle.id}`)}
    <p class="soft">What is looked at:</p>
    <ul>
      ${question.scope.entities.map(
        ({ kind, name, because }) =>
          html`<li>${kind} <strong>${name}</strong> <span class="soft">${because}</span></li>`,
      )}
    </ul>
    ${question.alert !== undefined && html`<p>${labelList(question.alert.labels)}</p>`}
    ${
      others.length > 0 &&
      html`<p>
        Other looks at it:
        ${others.map(({ id, createdAt: at }) => html`<a href=${`/evidence/${id}`}>${ago(at, now)}</a> `)}
      </p>`
    }
    <details>
      <summary>
        ${queries.length} requests were made; <a href=${`/api/v1/evidence/${bundle.id}`}>everything as JSON</a>
      </summary>
      <ul>
        ${queries.map(
          ({ source, purpose, method, path, body }) =>
            html`<li>
              ${source}: ${purpose}
              <pre><code>${method} ${path}${body !== undefined && `\n${body}`}</code></pre>
            </li>`,
        )}
      </ul>
    </details>
  </section>`;
}
