import type { VNode } from "preact";
import type { SloList, SloSummary } from "../../app/slo/list-slos.ts";
import { inWords } from "../../lib/times.ts";
import { sentence } from "../../lib/text.ts";
import { html, renderPage, type PageFrame } from "./page.ts";
import {
  alertsText,
  burnText,
  groupText,
  lastsText,
  leftText,
  objectiveText,
  percentText,
  stateText,
} from "./slo-parts.ts";

/** What differs in the pages of SLOs. */
export interface SloPageFrame extends PageFrame {
  /** Unix milliseconds. */
  readonly now: number;
}

const MOST_FINDINGS = 20;
const LITTLE_MEASURED = 0.9;
const MOST_NAMES = 3;
/** What lasts for less is told above all. */
export const SOON = 86_400;

/** The list: the least budget left first, what is wrong above. */
export function renderSlosPage(list: SloList, frame: SloPageFrame): string {
  const { slos, at } = list;
  return renderPage(
    "SLOs - Watchkeeper",
    html`<main>
      <h1>Service level objectives</h1>
      ${verdict(list)} ${troubleNote(list, frame.now)} ${slos.length > 0 && table(list)} ${findings(list)}
      <p class="soft">
        ${at !== null && html`Read ${inWords(frame.now - Date.parse(at))} ago. `}Policy of the gates: ${list.policy}.
      </p>
    </main>`,
    frame,
  );
}

function verdict({ slos, at, trouble }: SloList): VNode {
  if (slos.length === 0)
    return html`<p class="banner wait">
      No SLO could be read. Write one into a file that <code>slo.specs</code> names, and reload.
    </p>`;
  if (at === null && trouble === null)
    return html`<p class="banner wait">What they counted is being read for the first time.</p>`;
  const fires = slos.filter(({ alerts }) => alerts?.some(isPage)).length;
  const spent = slos.filter(({ budgetRemaining: left }) => left !== null && left <= 0).length;
  const soon = slos.filter(({ exhaustedInSeconds: lasts }) => lasts !== null && lasts > 0 && lasts < SOON);
  const unknown = slos.filter(({ budgetRemaining }) => budgetRemaining === null).length;
  const parts = [
    ...(fires > 0 ? [`${fires} ${fires === 1 ? "burns" : "burn"} so fast that somebody is paged`] : []),
    ...(spent > 0 ? [`${spent} of ${slos.length} budgets ${spent === 1 ? "is" : "are"} used up`] : []),
    ...(soon.length > 0 ? [`used up within a day at this rate: ${namesOf(soon)}`] : []),
    ...(unknown > 0 ? [`too little is known of ${unknown === slos.length ? "all" : unknown}`] : []),
  ];
  if (parts.length === 0) return html`<p class="banner ok">All ${slos.length} have budget left.</p>`;
  return html`<p class=${`banner ${fires + spent + soon.length > 0 ? "bad" : "wait"}`}>
    ${sentence(parts.join("; "))}
  </p>`;
}

/** Whether an alert pages somebody now. */
export const isPage = ({ state, kind }: { readonly state: string; readonly kind: string }): boolean =>
  state === "firing" && kind === "page";

function namesOf(slos: readonly SloSummary[]): string {
  const names = slos.slice(0, MOST_NAMES).map(({ id }) => id);
  return names.join(", ") + (slos.length > MOST_NAMES ? ` and ${slos.length - MOST_NAMES} more` : "");
}

/** Why something is not known, and how old what is shown all the same is. */
export const troubleNote = ({ trouble, at }: Pick<SloList, "trouble" | "at">, now: number): VNode | false =>
  trouble !== null &&
  html`<div class="trouble">
    <p>
      <strong>What was counted can not be read from Prometheus.</strong>${" "}
      ${at === null ? "It never was yet." : `It was last read ${inWords(now - Date.parse(at))} ago.`}
    </p>
    <p><code class="soft">${trouble}</code></p>
  </div>`;

const table = ({ slos, trouble }: SloList): VNode =>
  html`<table>
    <thead>
      <tr>
        <th>Objective</th>
        <th>Budget left</th>
        <th class="number">Burns</th>
        <th class="number">Lasts</th>
        <th>State</th>
        <th>Alerts</th>
      </tr>
    </thead>
    <tbody>
      ${slos.map((slo) => row(slo, trouble))}
    </tbody>
  </table>`;

/** `known`: what is said above already. */
function row(slo: SloSummary, known: string | null): VNode {
  const { id, description, objective, window, group, groups, unknownGroups, burn, coverage, trouble } = slo;
  const { budgetRemaining, budgetRemainingBefore: before } = slo;
  const which = groupText(group);
  return html`<tr>
    <td>
      <a class="title" href=${`/slos/${id}`}>${id}</a> <span class="soft">${objectiveText(objective)} in ${window}</span
      ><br /><span class="soft">${description}</span>
      ${which !== "" && html`<br /><code class="label">${which}</code> <span class="soft">worst of ${groups}${(unknownGroups ?? 0) > 0 && `, ${unknownGroups} not known`}</span>`}
      ${trouble !== null && trouble !== known && html`<br /><span class="soft">${trouble}</span>`}
    </td>
    <td data-name="Budget left">
      ${leftText(slo)}
      ${before !== null && html`<br /><span class="soft">when it was last read: ${percentText(before)}</span>`}
      ${
        budgetRemaining !== null &&
        coverage !== null &&
        coverage < LITTLE_MEASURED &&
        html`<br /><span class="soft">${percentText(coverage)} of the time measured</span>`
      }
    </td>
    <td class="number" data-name="Burns">${burnText(burn)}</td>
    <td class="number" data-name="Lasts">${lastsText(slo)}</td>
    <td data-name="State">${stateText(slo)}</td>
    <td data-name="Alerts">${alertsText(slo.alerts)}</td>
  </tr>`;
}

function findings({ findings }: SloList): VNode | false {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return false;
  return html`<section>
    <h2>Wrong in the specifications</h2>
    ${errors.slice(0, MOST_FINDINGS).map(({ text }) => html`<div class="error"><code>${text}</code></div>`)}
    <p class="soft">
      ${errors.length > MOST_FINDINGS && `${errors.length - MOST_FINDINGS} more. `}<code>watchkeeper slo validate</code>
      lists all, with warnings.
    </p>
  </section>`;
}
