import type { VNode } from "preact";
import type { Incident } from "../../../app/evidence/incident.ts";
import type { SloSummary } from "../../../app/slo/list-slos.ts";
import type { EvidenceItem, SignalReport } from "../../../core/evidence.ts";
import { inWords, moment } from "../../../lib/times.ts";
import { ago, command, labelList, webLink } from "../delivery-parts.ts";
import { html, renderPage, type PageFrame } from "../page.ts";
import { leftText } from "../slo-parts.ts";
import { renderSignal } from "./items.ts";
import { isBlind, SIGNAL_NAMES } from "../../../core/evidence-words.ts";
import { EVIDENCE_STYLE } from "./style.ts";
import { renderTimeline } from "./timeline.ts";
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
      ${head(incident, context)} ${findings(incident)} ${unseen(bundle.reports)} ${budgets(context.slos)}
      <section>
        <h2>When</h2>
        <p class="soft">
          ${moment(bundle.question.window.from)} to ${moment(bundle.question.window.to).slice(11)} (shaded), compared
          with the ${inWords(bundle.question.baseline.to - bundle.question.baseline.from)} before it.
        </p>
        ${renderTimeline(incident)}
        <p class="soft">
          Grey bars: log lines${barLength(incident)}; red: those at error or fatal. Dots: when the alert began and
          ended, what was changed, and who was told (red: the attempt failed).
        </p>
      </section>
      ${bundle.trace !== undefined && traceSection(incident)} ${bundle.reports.map(renderSignal)}
      ${about(incident, context)}
    </main>`,
    context,
  );
}

function nameOf({ bundle: { question } }: Incident): string {
  const [nearest] = question.scope.entities;
  if (question.alert === undefined) return nearest === undefined ? "Evidence" : `${nearest.kind} ${nearest.name}`;
  return nearest === undefined ? question.alert.name : `${question.alert.name}, ${nearest.kind} ${nearest.name}`;
}

function head(incident: Incident, { now }: IncidentPageContext): VNode {
  const { bundle, alert, conversationId } = incident;
  const asked = bundle.question.alert;
  const links = [
    ["Runbook", alert?.links.runbook],
    ["Dashboard", alert?.links.dashboard],
    ["Silence", alert?.links.silence],
    ["Rule", alert?.links.source],
  ] as const;
  const summary = alert?.annotations["summary"] ?? alert?.annotations["description"];
  return html`<div>
    ${summary !== undefined && html`<p class="text">${summary}</p>`}
    ${
      asked !== undefined &&
      html`<p class=${`banner ${moodOf(incident)}`}>${stateOf(incident, asked.startsAt, now)}</p>`
    }
    <p class="links">
      ${links.flatMap(([text, url]) => (url === undefined ? [] : [webLink(url, text)]))}
      ${conversationId !== undefined && html`<a href=${`/alerts/${conversationId}`}>Who was told</a>`}
    </p>
  </div>`;
}

const moodOf = ({ alert }: Incident): string =>
  alert === undefined ? "soft" : alert.state === "firing" ? "bad" : "ok";

function stateOf({ alert, firedAgainAt }: Incident, startsAt: number, now: number): VNode {
  const began = html`Began ${moment(startsAt)}`;
  if (alert?.state === "firing") return html`<span>${began}, fires for ${inWords(now - startsAt)}.</span>`;
  if (alert !== undefined) {
    const end = alert.endsAt ?? alert.closedAt;
    const lasted = end === undefined ? "" : `, after ${inWords(end - startsAt)}`;
    return html`<span>${began}; ${alert.state}${lasted}.</span>`;
  }
  const since = firedAgainAt === undefined ? ", and is not known any more" : `; it fired anew ${moment(firedAgainAt)}`;
  return html`<span>${began}${since}.</span>`;
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
        ? html`<p>${isBlind(bundle) ? "Nothing could be read." : "Nothing does, in what could be read."}</p>`
        : html`<ol>
            ${top.map(finding)}
          </ol>`
    }
  </section>`;
}

const finding = ({ id, title, signal }: EvidenceItem): VNode =>
  html`<li><a class="plain" href=${`#${id}`}>${title}</a> <small class="soft">${SIGNAL_NAMES[signal]}</small></li>`;

function unseen(reports: readonly SignalReport[]): VNode | false {
  const unknown = new Set(["source_down", "not_configured", "no_baseline"]);
  const down = reports.filter(({ verdict }) => unknown.has(verdict));
  return (
    down.length > 0 &&
    html`<section class="trouble">
      <h2>What could not be seen</h2>
      <ul>
        ${down.map(({ signal, said }) => html`<li><strong>${SIGNAL_NAMES[signal]}</strong>: ${said}</li>`)}
      </ul>
    </section>`
  );
}

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
      ${question.scope.notes.map((note) => html`<li class="wait">${note}</li>`)}
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
