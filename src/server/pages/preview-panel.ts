import type { ComponentChild, VNode } from "preact";
import type { ResolvedDashboard, ResolvedPanel, ResolvedSignals } from "../../app/preview/preview.ts";
import { html } from "./page.ts";

type Row = ResolvedDashboard["rows"][number];
type Search = Exclude<ResolvedPanel, ResolvedSignals>;

const HALF = 12;

/**
 * A heading with its panels on a grid of 24 columns, as Grafana has it; a closed one is asked for when it is opened.
 */
export function renderRow({ title, collapsed, place, panels }: Row, hasRunbooks: boolean): VNode {
  return html`<details class="row" open=${!collapsed}>
    <summary><h2>${title}</h2></summary>
    <div class="grid">${panels.map((panel) => renderPanel(panel, panel.place.y - place.y, hasRunbooks))}</div>
  </details>`;
}

function renderPanel(panel: ResolvedPanel, top: number, hasRunbooks: boolean): VNode {
  const { id, title, place } = panel;
  const style = `--x: ${place.x + 1}; --w: ${place.w}; --y: ${Math.max(1, top)}; --h: ${place.h}`;
  // what opens there grows to the left
  const side = place.x >= HALF ? " east" : "";
  const kind = panel.kind === "signals" ? panel.view : "elsewhere";
  return html`<section
    class=${`panel ${kind}${side}`}
    id=${`panel-${id}`}
    style=${style}
    aria-labelledby=${`title-${id}`}
  >
    <div class="bar">
      <h3 id=${`title-${id}`}>${title}</h3>
      ${about(panel, hasRunbooks)}
    </div>
    ${panel.kind === "signals" ? drawn(panel) : elsewhere(panel)}
  </section>`;
}

/** Its help, alerts and thresholds, a key press away. */
function about(panel: ResolvedPanel, hasRunbooks: boolean): VNode {
  return html`<details class="help">
    <summary aria-label=${`About ${panel.title}`}>?</summary>
    <div class="bubble">
      <p>${panel.help}</p>
      ${panel.emptyWhen !== undefined && html`<p class="soft">May be empty: ${panel.emptyWhen}</p>`}
      ${panel.kind === "signals" && told(panel, hasRunbooks)}
    </div>
  </details>`;
}

const told = ({ alerts, queries }: ResolvedSignals, hasRunbooks: boolean): ComponentChild =>
  html`${
    alerts.length > 0 &&
    html`<p class="soft links">
      Alerts:${" "}${alerts.map((name) => (hasRunbooks ? html`<a href=${`/runbooks/${name}`}>${name}</a>` : html`<span>${name}</span>`))}
    </p>`
  }
  ${queries.map(({ expr }) => html`<pre><code>${expr}</code></pre>`)}`;

/** What the script needs to know of a panel, as data of its own. */
function drawn({ id, view, unit, levels, queries, emptyWhen }: ResolvedSignals): VNode {
  const known = {
    id,
    view,
    unit,
    // JSON has no infinity
    levels: levels.map(({ from, severity }) => ({ from: from === -Infinity ? null : from, severity })),
    emptyWhen: emptyWhen ?? null,
    queries: queries.map(({ refId, title, unit, labels, isInfo = false }) => ({ refId, title, unit, labels, isInfo })),
  };
  return html`<div class="body" data-panel=${JSON.stringify(known)}></div>`;
}

const IN_GRAFANA: Readonly<Record<Search["kind"], string>> = {
  logs: "Here Grafana shows log lines from Elasticsearch that match",
  traces: "Here Grafana shows traces from Tempo that match",
  "service-map": "Here Grafana shows Tempo's map of services that call one another",
  alerts: "Here Grafana shows alerts that fire",
};

function elsewhere(panel: Search): VNode {
  const asked = panel.kind === "alerts" ? panel.matchers.join(", ") : panel.query;
  return html`<div class="body">
    <p class="soft">${IN_GRAFANA[panel.kind]}${asked === "" ? "." : ":"}</p>
    ${asked !== "" && html`<pre><code>${asked}</code></pre>`}
  </div>`;
}
