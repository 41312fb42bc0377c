import type { ResolvedDashboard } from "../../app/preview/preview.ts";
import { html, renderPage, type PageFrame } from "./page.ts";

/** All dashboards. */
export function renderDashboardsPage(dashboards: readonly ResolvedDashboard[], frame: PageFrame): string {
  return renderPage(
    "Dashboards - Watchkeeper",
    html`<main>
      <h1>Dashboards</h1>
      <p class="soft">
        The dashboards that <code>watchkeeper generate dashboards</code> writes for Grafana, drawn from Prometheus as
        they are now.
      </p>
      ${
        dashboards.length === 0 &&
        html`<p class="banner wait">There is none: no pack of this version has dashboards.</p>`
      }
      ${dashboards.length > 0 && table(dashboards)}
    </main>`,
    frame,
  );
}

const table = (dashboards: readonly ResolvedDashboard[]) =>
  html`<table>
    <thead>
      <tr>
        <th>Dashboard</th>
        <th>What it answers</th>
        <th class="number">Panels</th>
      </tr>
    </thead>
    <tbody>
      ${dashboards.map(
        ({ uid, title, description, rows }) =>
          html`<tr>
            <td><a href=${`/dashboards/${uid}`}>${title}</a></td>
            <td>${description}</td>
            <td class="number" data-name="Panels">${rows.reduce((sum, { panels }) => sum + panels.length, 0)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
