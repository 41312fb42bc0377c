import type { VNode } from "preact";
import type { ConversationReport } from "../../app/deliveries/conversation-report.ts";
import { ago, countsText, failureText, lastingSince, severityText, standingText, titleLink } from "./delivery-parts.ts";
import { html } from "./page.ts";

/** What a table is made of. */
export interface TableContent {
  readonly conversations: readonly ConversationReport[];
  readonly now: number;
  /** How many were asked for: there may be more of them. */
  readonly most: number;
}

/** One row for each conversation, with why it is not delivered. */
export function conversationTable({ conversations, now, most }: TableContent): VNode {
  return html`<div>
    <table>
      <thead>
        <tr>
          <th>Alert</th>
          <th>Destination</th>
          <th>State</th>
          <th class="number">For</th>
          <th class="number">Tries</th>
          <th>Last failure</th>
        </tr>
      </thead>
      <tbody>
        ${conversations.map((one) => conversationRow(one, now))}
      </tbody>
    </table>
    ${boundNote(conversations, most)}
  </div>`;
}

function conversationRow(one: ConversationReport, now: number): VNode {
  return html`<tr>
    <td>${titleLink(one)}<br />${severityText(one)} <span class="soft">${countsText(one.counts)}</span></td>
    <td data-name="Destination">${one.destination}</td>
    <td>${standingText(one.standing)}</td>
    <td class="number" data-name="For">${lastingSince(one.standing.since, now)}</td>
    <td class="number" data-name="Tries">${one.tries}</td>
    <td>${one.failure && failureText(one.failure)}</td>
  </tr>`;
}

/** One row for each group, with what each of its destinations knows. */
export function groupTable({ conversations, now, most }: TableContent, when: "Fires" | "Over"): VNode {
  const groups = [...Map.groupBy(conversations, ({ group }) => group.id).values()];
  return html`<div>
    <table>
      <thead>
        <tr>
          <th>Alert</th>
          <th class="number">${when === "Fires" ? "Fires for" : "Over"}</th>
          <th>Who was told</th>
        </tr>
      </thead>
      <tbody>
        ${groups.map(([first, ...others]) => first && groupRow(first, others, now))}
      </tbody>
    </table>
    ${boundNote(conversations, most)}
  </div>`;
}

function groupRow(first: ConversationReport, others: readonly ConversationReport[], now: number): VNode {
  const isOver = first.status === "resolved";
  const counts = countsText(first.counts);
  return html`<tr>
    <td>
      ${titleLink(first)}<br />${severityText(first)}
      <span class="soft">${counts && ` ${counts},`} from ${first.group.source}</span>
    </td>
    <td class="number" data-name=${isOver ? "Over" : "Fires for"}>
      ${isOver ? ago(first.until ?? first.since, now) : lastingSince(first.since, now)}
    </td>
    <td>${[first, ...others].map((one) => destinationLine(one, now))}</td>
  </tr>`;
}

const destinationLine = (one: ConversationReport, now: number): VNode =>
  html`<div>
    <a class="plain" href=${`/alerts/${one.id}`}>${one.destination}</a>${": "}${standingText(one.standing)}
    ${one.standing.mood === "good" && html`<span class="soft"> ${ago(one.standing.since, now)}</span>`}
  </div>`;

const boundNote = ({ length }: readonly unknown[], most: number): VNode | false =>
  length >= most && html`<p class="soft">Only the ${most} deliveries that changed last are shown.</p>`;
