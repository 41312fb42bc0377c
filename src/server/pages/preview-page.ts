import type { VNode } from "preact";
import type { ResolvedDashboard, ResolvedVariable } from "../../app/preview/preview.ts";
import { html, renderPage, type PageFrame } from "./page.ts";
import { renderRow } from "./preview-panel.ts";

/** Lengths of time to look at, in seconds, and how often to look again. */
const RANGES = [
  [900, "15 minutes"],
  [3_600, "1 hour"],
  [21_600, "6 hours"],
  [86_400, "24 hours"],
  [604_800, "7 days"],
] as const;
const REFRESHES = [
  [0, "never"],
  [15, "every 15 s"],
  [60, "every minute"],
] as const;

/** One dashboard; a script fills its panels. */
export function renderPreviewPage(dashboard: ResolvedDashboard, frame: PageFrame): string {
  const { uid, title, description, variables, rows } = dashboard;
  return renderPage(
    `${title} - Watchkeeper`,
    html`<link rel="stylesheet" href="/assets/uplot.css" />
      <link rel="stylesheet" href="/assets/preview.css" />
      <main class="dashboard" data-uid=${uid}>
        <h1>${title}</h1>
        <p class="about">${description}</p>
        ${controls(variables)}
        <noscript
          ><p class="banner wait">What the panels show is drawn by a script, and this browser runs none.</p></noscript
        >
        <div id="verdict" role="status" aria-live="polite"></div>
        ${rows.map((row) => renderRow(row, frame.isPreview !== true))}
        <p><a href="/dashboards">All dashboards</a></p>
      </main>
      <script type="module" src="/assets/preview.js"></script>`,
    frame,
  );
}

const controls = (variables: readonly ResolvedVariable[]): VNode =>
  html`<form class="controls" id="controls">
    ${variables.map(
      ({ name, title, multiple }) =>
        html`<label
          >${title}
          <select name=${`var-${name}`} data-variable=${name} data-multiple=${String(multiple)}>
            ${multiple && html`<option value="">All</option>`}
          </select></label
        >`,
    )}
    <label
      >Last
      <select name="last">
        ${RANGES.map(([length, text]) => html`<option value=${length} selected=${length === 3_600}>${text}</option>`)}
      </select></label
    >
    <label
      >Refresh
      <select name="refresh">
        ${REFRESHES.map(([every, text]) => html`<option value=${every} selected=${every === 60}>${text}</option>`)}
      </select></label
    >
    <button type="submit">Refresh now</button>
    <span class="soft" id="asked-at"></span>
  </form>`;
