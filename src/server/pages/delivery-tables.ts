import type { VNode } from "preact";
import type { AttemptReport, ConversationReport } from "../../app/deliveries/conversation-report.ts";
import type { ConversationDetail } from "../../app/deliveries/read-deliveries.ts";
import { ACTION_WORDS, isFirstOfReason } from "../../app/deliveries/words.ts";
import { inWords, moment } from "../../lib/times.ts";
import { ago, failureText, lastingSince, shortFailureText, standingText, titleLink } from "./delivery-parts.ts";
import { html } from "./page.ts";

/** What each destination of the group was told, and when. */
export function toldTable({ conversation, others, now }: ConversationDetail): VNode {
  return html`<section>
    <h2>Who was told</h2>
    <table>
      <thead>
        <tr>
          <th>Destination</th>
          <th>State</th>
          <th>Last told</th>
          <th class="number">Tries</th>
          <th>Last failure</th>
        </tr>
      </thead>
      <tbody>
        ${[conversation, ...others].map((one) => toldRow(one, one === conversation, conversation.group.id, now))}
      </tbody>
    </table>
  </section>`;
}

function toldRow(one: ConversationReport, isThis: boolean, groupId: string, now: number): VNode {
  const { destination, standing, tries, failure, group } = one;
  return html`<tr>
    <td>
      ${isThis ? html`<strong>${destination}</strong>` : html`<a href=${`/alerts/${one.id}`}>${destination}</a>`}
      ${group.id !== groupId && html`<br /><span class="soft">by the summary </span>${titleLink(one)}`}
    </td>
    <td>
      ${standingText(standing)}${standing.mood !== "good" && html`<br /><span class="soft">for ${lastingSince(standing.since, now)}</span>`}
    </td>
    <td data-name="Last told">${lastTold(one, now)}</td>
    <td class="number" data-name="Tries">${tries}</td>
    <td>${failure && failureText(failure)}</td>
  </tr>`;
}

function lastTold({ told, isUnclear, state }: ConversationReport, now: number): readonly (VNode | string)[] {
  const what = told?.status === "firing" ? "that it fires" : "that it is over";
  const unclear =
    state === "pending"
      ? "An attempt is under way, or its answer never came: it may know more."
      : "The answer to an attempt never came: it may know more.";
  return [
    ...(told === undefined ? ["nothing"] : [html`${what}, <span class="soft">${ago(told.at, now)}</span>`].flat()),
    ...(isUnclear ? [html`<div class="wait">${unclear}</div>`] : []),
  ];
}

/** The attempts at the conversation's destination, the newest first. */
export function attemptTable({ attempts, conversation, now }: ConversationDetail): VNode {
  return html`<section>
    <h2>Attempts at ${conversation.destination}</h2>
    ${attempts.length === 0 && html`<p class="soft">None is on record.</p>`}
    ${
      attempts.length > 0 &&
      html`<table>
        <thead>
          <tr>
            <th>When</th>
            <th>What</th>
            <th class="number">Took</th>
            <th>What came of it</th>
          </tr>
        </thead>
        <tbody>
          ${attempts.map((attempt, i) => attemptRow(attempt, isFirstOfReason(attempts, i), now))}
        </tbody>
      </table>`
    }
  </section>`;
}

function attemptRow({ at, action, durationMs, failure, answer }: AttemptReport, isFirst: boolean, now: number): VNode {
  return html`<tr>
    <td>${moment(at)}<br /><span class="soft">${ago(at, now)}</span></td>
    <td data-name="What">${ACTION_WORDS[action]}</td>
    <td class="number" data-name="Took">${inWords(durationMs)}</td>
    <td>
      ${failure ? (isFirst ? failureText : shortFailureText)(failure) : html`<span class="ok">taken</span> <code class="soft">${answer}</code>`}
    </td>
  </tr>`;
}
