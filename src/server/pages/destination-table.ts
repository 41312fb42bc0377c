import type { VNode } from "preact";
import type { DestinationReport } from "../../app/deliveries/destination-report.ts";
import { inWords, moment } from "../../lib/times.ts";
import { failureText, lastingSince } from "./delivery-parts.ts";
import { html } from "./page.ts";

/** The destinations: how they do, and what they are still to be told. */
export const destinationTable = (destinations: readonly DestinationReport[], now: number): VNode =>
  html`<table>
    <thead>
      <tr>
        <th>Name</th>
        <th>State</th>
        <th class="number">Waits</th>
        <th class="number">Oldest waits for</th>
        <th class="number">Not delivered</th>
      </tr>
    </thead>
    <tbody>
      ${destinations.map((one) => destinationRow(one, now))}
    </tbody>
  </table>`;

function destinationRow(one: DestinationReport, now: number): VNode {
  const { name, type, waiting, held, dead, oldestWaitingSince } = one;
  return html`<tr>
    <td>
      <a href=${`/alerts?destination=${encodeURIComponent(name)}`}>${name}</a><br /><span class="soft">${type}</span>
    </td>
    <td>${healthText(one, now)}</td>
    <td class="number" data-name="Waits">${held > 0 ? `${waiting} (${held} held)` : `${waiting}`}</td>
    <td class="number" data-name="Oldest waits for">
      ${oldestWaitingSince !== undefined && lastingSince(oldestWaitingSince, now)}
    </td>
    <td class="number" data-name="Not delivered">${dead > 0 ? html`<span class="bad">${dead}</span>` : "0"}</td>
  </tr>`;
}

function healthText({ health, since, until, failure }: DestinationReport, now: number): VNode {
  const next = until !== undefined && until > now ? `in ${inWords(until - now)}` : "now";
  if (health === "well") return html`<span class="ok">well</span>`;
  if (health === "removed")
    return html`<span class="wait">not in the configuration any more: nothing is sent there</span>`;
  if (health === "paused")
    return html`<span><span class="wait">paused</span>, because it asked for it; goes on ${next}</span>`;
  const began = since === undefined ? "" : ` since ${moment(since)}`;
  return html`<span
    ><span class="bad">broken</span>${began}${failure && `: ${failure.reason}`}; tried again ${next}</span
  >`;
}

/** What somebody must mend, with the reason and what to do. */
export const brokenDestination = ({ name, since, failure }: DestinationReport, now: number): VNode =>
  html`<section class="trouble">
    <h2>
      ${name} takes no
      messages${since !== undefined && html`<span class="soft"> for ${lastingSince(since, now)}</span>`}
    </h2>
    ${failure && failureText(failure)}
    <p class="soft">What is for it waits. Once it is mended, deliveries go on by themselves.</p>
  </section>`;
