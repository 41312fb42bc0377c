import { html } from "htm/preact";
import type { ComponentChild } from "preact";
import { renderToString } from "preact-render-to-string";
import { percent } from "../percent.ts";
import { legendInWords, renderChart } from "./chart.ts";
import { writeTime } from "./period.ts";
import type { Report, ReportRow, ReportStatus } from "./report.ts";
import {
  badInWords,
  baseInWords,
  countsInWords,
  exclusionsInWords,
  gapInWords,
  goodInWords,
  incidentInWords,
  leftInWords,
  rowName,
  STATUS,
} from "./words.ts";

const STYLE = `
:root { color-scheme: light dark; --ok: #1a7f37; --bad: #c62828; --wait: #8a6100; --line: #8885; --soft: #888; }
@media (prefers-color-scheme: dark) { :root { --ok: #4ac26b; --bad: #ff7b72; --wait: #e3b341; } }
body { font: 16px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; overflow-wrap: anywhere; } h3 { font-size: .95rem; margin-bottom: .2rem; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-size: .85rem; color: var(--soft); }
td, th { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.missed { color: var(--bad); font-weight: 600; } .at_risk, .unknown { color: var(--wait); } .met { color: var(--ok); } .soft { color: var(--soft); }
svg.chart { width: 100%; height: auto; } section { break-inside: avoid; } li { overflow-wrap: anywhere; }`;

/** Below this something is said of what was not measured. */
const COMPLETE = 0.99;

/** A report as a whole HTML page that loads nothing and runs no script: it can be mailed, printed and kept. */
export function reportHtml(report: Report): string {
  const { period, rows } = report;
  const { from, to } = period.bounds;
  const excluded = exclusionsInWords(report);
  const base = baseInWords(report);
  const title = `Service levels: ${period.title}`;
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      <style dangerouslySetInnerHTML=${{ __html: STYLE }} />
    </head>
    <body>
      <h1>${title}</h1>
      <p>${countsInWords(report)}</p>
      <p class="soft">${writeTime(from, period.timeZone)} to ${writeTime(to, period.timeZone)} (${period.timeZone})</p>
      ${rows.length > 0 && renderTable(rows)} ${base !== undefined && html`<p class="soft">${base}</p>`}
      ${rows.map((row, i) => renderRow(row, i, report))}
      ${
        excluded.length > 0 &&
        html`<h2>Not counted</h2>
          <ul>
            ${excluded.map((line) => html`<li>${line}</li>`)}
          </ul>`
      }
    </body>
  </html>`;
  return `<!doctype html>${renderToString(page)}\n`;
}

const status = (of: ReportStatus): ComponentChild => html`<span class=${of}>${STATUS[of]}</span>`;

const renderTable = (rows: readonly ReportRow[]): ComponentChild =>
  html`<table>
    <thead>
      <tr>
        <th>Objective</th>
        <th></th>
        <th class="number">Target</th>
        <th class="number">Good</th>
        <th class="number">Budget left</th>
        <th class="number">Bad time</th>
        <th class="number">Measured</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row, i) =>
          html`<tr>
            <td><a href=${`#slo-${i}`}>${rowName(row)}</a></td>
            <td>${status(row.status)}</td>
            <td class="number">${percent(row.slo.objective)}</td>
            <td class="number">${goodInWords(row.budget)}</td>
            <td class="number">${leftInWords(row.budget)}</td>
            <td class="number">${badInWords(row.budget)}</td>
            <td class=${`number ${row.budget.coverage < COMPLETE ? "unknown" : ""}`}>
              ${percent(row.budget.coverage)}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;

function renderRow(row: ReportRow, i: number, { period }: Report): ComponentChild {
  const { slo, budget, incidents, excluded, gaps } = row;
  const gap = gapInWords(row);
  const legend = legendInWords({ gaps, excluded });
  return html`<section id=${`slo-${i}`}>
    <h2>${rowName(row)} ${status(row.status)}</h2>
    ${slo.description !== "" && html`<p>${slo.description}</p>`}
    ${gap !== undefined && html`<p class="unknown">${gap}</p>`}
    ${budget.coverage > 0 && renderCharts(row, period.timeZone)}
    ${budget.coverage > 0 && legend !== "" && html`<p class="soft">${legend}</p>`}
    ${
      incidents.length > 0 &&
      html`<h3>What consumed most of the budget</h3>
        <ol>
          ${incidents.map((incident) => html`<li>${incidentInWords(incident, period.timeZone)}</li>`)}
        </ol>`
    }
  </section>`;
}

function renderCharts({ budget, course, gaps, excluded, slo }: ReportRow, timeZone: string): ComponentChild {
  const common = { span: budget.window, timeZone, gaps, excluded };
  return html`${
      budget.left !== undefined &&
      html`<h3>Budget left</h3>
        ${renderChart({
          ...common,
          title: `Budget left of ${slo.id}`,
          points: course.map(({ at, left }) => ({ at, value: left })),
          range: [0, 1],
          mark: 0,
          good: "above",
          format: percent,
        })}`
    }
    <h3>Burn rate</h3>
    ${renderChart({
      ...common,
      title: `Burn rate of ${slo.id}`,
      points: course.map(({ at, burn }) => ({ at, value: burn })),
      range: [0, 2],
      mark: 1,
      good: "below",
      format: (value) => `${Number(value.toPrecision(3))}x`,
    })}`;
}
