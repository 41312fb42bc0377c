import type { VNode } from "preact";
import type { GroupBudget, SloCourse, SloDetail, TierNow } from "../../app/slo/show-slo.ts";
import { inWords, moment } from "../../lib/times.ts";
import { legendInWords, renderChart } from "../../slo/report/chart.ts";
import type { ReportRow } from "../../slo/report/report.ts";
import { incidentInWords } from "../../slo/report/words.ts";
import { labelList } from "./delivery-parts.ts";
import { html, renderPage } from "./page.ts";
import {
  alertsText,
  burnText,
  groupText,
  lastsText,
  leftText,
  moodOf,
  objectiveText,
  percentText,
  stateText,
} from "./slo-parts.ts";
import { isPage, SOON, troubleNote, type SloPageFrame } from "./slos-page.ts";

/** One SLO: how much is left and how fast it burns, what fires, what used the budget up, what its gate says. */
export function renderSloPage(slo: SloDetail, course: SloCourse, frame: SloPageFrame): string {
  const { id, description, objective, window, labels } = slo;
  return renderPage(
    `${id} - Watchkeeper`,
    html`<main>
      <h1 class="title">${id}</h1>
      <p>${description} <span class="soft">${objectiveText(objective)} in ${window}.</span></p>
      ${verdict(slo)} ${troubleNote({ trouble: slo.trouble ?? course.trouble ?? null, at: slo.at }, frame.now)}
      ${budgets(slo)} ${tiers(slo)} ${alerts(slo)} ${course.rows.map((row) => charts(row, course.rows.length > 1))}
      ${gate(slo)}
      <section>
        <h2>What it is made of</h2>
        ${slo.queries.map(({ what, promql }) => html`<div><span class="soft">${what}: </span><code>${promql}</code></div>`)}
        <p class="soft">Written in <code>${slo.source}</code>. ${labelList(labels)}</p>
      </section>
      <p><a href="/slos">All SLOs</a></p>
    </main>`,
    frame,
  );
}

function verdict(slo: SloDetail): VNode {
  const { alerts, budgetRemaining: left, exhaustedInSeconds: lasts, reason, group } = slo;
  const paged = alerts?.some(isPage) ?? false;
  const who = groupText(group) === "" ? "" : `${groupText(group)}: `;
  if (left === null)
    return html`<p class=${`banner ${paged ? "bad" : "wait"}`}>${paged && "Somebody is paged. "}${who}${reason}</p>`;
  const burns = slo.tiers.some(({ alert, burning }) => alert === "page" && burning === true);
  const isSoon = lasts !== null && lasts < SOON && moodOf(slo) === "ok";
  const mood = paged || burns ? "bad" : isSoon ? "wait" : moodOf(slo);
  const much =
    left < 0 ? `The budget is overspent by ${percentText(-left)}` : `${percentText(left)} of the budget is left`;
  const long = lasts === null || lasts === 0 ? "" : `; at the rate of the last hour it lasts ${inWords(lasts * 1_000)}`;
  return html`<p class=${`banner ${mood}`}>${paged && "Somebody is paged. "}${who}${much}${long}.</p>`;
}

const budgets = ({ budgets, countsTime, trouble }: SloDetail): VNode | false =>
  budgets.length > 0 &&
  html`<section>
    <h2>Budget${trouble !== null && " when it was last read"}</h2>
    <table>
      <thead>
        <tr>
          ${budgets.some(({ group }) => groupText(group) !== "") && html`<th>Group</th>`}
          <th>Left</th>
          <th class="number">Burns</th>
          <th class="number">Lasts</th>
          <th class="number">Good</th>
          ${!countsTime && html`<th class="number">Failed</th>`}
          <th class="number">Bad for</th>
          <th class="number">Measured</th>
        </tr>
      </thead>
      <tbody>
        ${budgets.map((of) => budgetRow(trouble === null ? of : { ...of, state: "unknown" }, countsTime))}
      </tbody>
    </table>
    ${
      countsTime &&
      budgets.some(({ to, end }) => to < end) &&
      html`<p class="soft">The budget is one of the whole window, also of what is still to come of it.</p>`
    }
  </section>`;

const badInWords = (badSeconds: number | null): string =>
  badSeconds === null ? "" : badSeconds === 0 ? "none" : inWords(badSeconds * 1_000);

const count = (events: number | null): string => (events === null ? "" : Math.round(events).toLocaleString("en"));

function budgetRow(budget: GroupBudget, countsTime: boolean): VNode {
  const { group, burn, good, events, errors, badSeconds, coverage } = budget;
  const which = groupText(group);
  return html`<tr>
    ${which !== "" && html`<td><code class="label">${which}</code></td>`}
    <td data-name="Left">${leftText(budget)}</td>
    <td class="number" data-name="Burns">${burnText(burn)}</td>
    <td class="number" data-name="Lasts">${lastsText(budget)}</td>
    <td class="number" data-name="Good">${good === null ? "" : objectiveText(good)}</td>
    ${!countsTime && html`<td class="number" data-name="Failed">${events === null ? "" : `${count(errors)} of ${count(events)}`}</td>`}
    <td class="number" data-name="Bad for">${badInWords(badSeconds)}</td>
    <td class="number" data-name="Measured">${percentText(coverage)}</td>
  </tr>`;
}

const tiers = ({ tiers, groups }: SloDetail): VNode | false =>
  tiers.length > 0 &&
  html`<section>
    <h2>Burn rates${groups > 1 && ", where it burns fastest"}</h2>
    <table>
      <thead>
        <tr>
          <th>Tells</th>
          <th class="number">Above</th>
          <th>Long window</th>
          <th>Short window</th>
          <th>Now</th>
        </tr>
      </thead>
      <tbody>
        ${tiers.map(tierRow)}
      </tbody>
    </table>
    <p class="soft">
      An alert comes when both windows burn faster than this, and a minimum of events has failed where the objective has
      one.
    </p>
  </section>`;

function tierNow(tier: TierNow): VNode {
  const { alert, factor, long, short, burnLong, burnShort, burning, enabled, forSeconds } = tier;
  if (burning === null || burnLong === null || burnShort === null) return html`<span class="soft">not known</span>`;
  if (!burning) {
    const half = burnLong > factor ? `slower over ${short}` : burnShort > factor ? `slower over ${long}` : "";
    return html`<span class="ok">quiet</span> <span class="soft">${half}</span>`;
  }
  const after = forSeconds === 0 ? "at once" : `after ${inWords(forSeconds * 1_000)} of this`;
  return html`<span class=${alert === "page" ? "bad" : "wait"}>burns too fast</span>${" "}
    ${enabled && html`<span class="soft">a ${alert} ${after}</span>`}`;
}

function tierRow(tier: TierNow): VNode {
  const { alert, enabled, factor, long, short, burnLong, burnShort } = tier;
  return html`<tr>
    <td>${alert}${!enabled && html`<span class="soft"> (off)</span>`}</td>
    <td class="number" data-name="Above">${factor}x</td>
    <td data-name="Long window">${long}: ${burnText(burnLong)}</td>
    <td data-name="Short window">${short}: ${burnText(burnShort)}</td>
    <td data-name="Now">${tierNow(tier)}</td>
  </tr>`;
}

const alerts = ({ alerts }: SloDetail): VNode =>
  html`<section>
    <h2>Alerts</h2>
    ${alerts?.length === 0 ? html`<p class="soft">None fires.</p>` : alertsText(alerts)}
  </section>`;

function charts(row: ReportRow, isGrouped: boolean): VNode | false {
  const { budget, course, gaps, incidents, excluded } = row;
  if (budget.coverage === 0) return false;
  const which = isGrouped ? `: ${groupText(budget.group)}` : "";
  const common = { span: budget.window, timeZone: "UTC", gaps, excluded };
  return html`<section>
    ${
      budget.left !== undefined &&
      html`<h2>Budget left over its window${which}</h2>
        ${renderChart({
          ...common,
          title: `Budget left${which}`,
          points: course.map(({ at, left }) => ({ at, value: left })),
          range: [0, 1],
          mark: 0,
          good: "above",
          format: percentText,
        })}`
    }
    <h2>Burn rate${which}</h2>
    ${renderChart({
      ...common,
      title: `Burn rate${which}`,
      points: course.map(({ at, burn }) => ({ at, value: burn })),
      range: [0, 2],
      mark: 1,
      good: "below",
      format: (value) => `${Number(value.toPrecision(3))}x`,
    })}
    <p class="soft">${legendInWords({ gaps, excluded })}</p>
    ${
      incidents.length > 0 &&
      html`<h2>What used most of it${which} (UTC)</h2>
        <ol>
          ${incidents.map((incident) => html`<li>${incidentInWords(incident, "UTC")}</li>`)}
        </ol>`
    }
  </section>`;
}

const gate = (slo: SloDetail): VNode =>
  html`<section>
    <h2>Gate</h2>
    <p>
      ${slo.allow === null ? html`<span class="soft">Not asked yet.</span>` : slo.allow ? html`<span class="ok">Changes may be made.</span>` : html`<span class="bad">Changes may not be made.</span>`}${" "}
      Policy ${slo.policy}, state ${stateText(slo)}. <span class="soft">${slo.reason}</span>
    </p>
    ${
      slo.audit.length > 0 &&
      html`<ul>
        ${slo.audit.map(({ at, event, from, state, reason }) => html`<li><span class="soft">${moment(Date.parse(at))}</span> ${event === "state" ? `${from ?? ""} to ${state}` : event}: ${reason}</li>`)}
      </ul>`
    }
  </section>`;
