import type { VNode } from "preact";
import type { AttemptReport, ConversationReport } from "../../app/deliveries/conversation-report.ts";
import type { ConversationDetail } from "../../app/deliveries/read-deliveries.ts";
import type { Message, MessageAlert } from "../../core/message.ts";
import { oneLine } from "../../lib/text.ts";
import { inWords, moment } from "../../lib/times.ts";
import {
  ago,
  command,
  countsText,
  failureText,
  labelList,
  severityText,
  lastingSince,
  SHORT_ID,
  standingText,
  titleLink,
  webLink,
} from "./delivery-parts.ts";
import { html, renderPage } from "./page.ts";

/** One conversation: its message as it is now, what each destination was told, every attempt, and what to do. */
export function renderConversationPage(detail: ConversationDetail): string {
  const { message, conversation, now } = detail;
  return renderPage(
    `${message.title} - Watchkeeper`,
    html`<main>
      <h1 class="title">${message.title}</h1>
      ${summary(message, now)} ${linkRow(message)} ${alerts(message, now)} ${told(detail)} ${attempts(detail)}
      ${whatToDo(conversation)} ${facts(detail)}
    </main>`,
    { hasAlerts: true },
  );
}

function summary(message: Message, now: number): VNode {
  const { status, severity, counts, since: began, until } = message;
  const mood = status === "resolved" ? "ok" : severity === "warning" ? "wait" : severity === "info" ? "soft" : "bad";
  const [alert] = message.alerts;
  const countsInWords = countsText(counts);
  return html`<p class=${`banner ${mood}`}>
      ${severityText(message)}${
        status === "firing"
          ? html`, fires for ${lastingSince(began, now)}`
          : until !== undefined && html` since ${ago(until, now)}, after ${inWords(until - began)}`
      }${countsInWords && `: ${countsInWords}`}.
    </p>
    ${message.alerts.length === 1 && alert?.description !== undefined && html`<p class="text">${alert.description}</p>`}`;
}

function linkRow({ links, sourceUrl }: Message): VNode | false {
  const named = [
    ["Runbook", links.runbook],
    ["Dashboard", links.dashboard],
    ["Silence", links.silence],
    ["Source", links.source ?? sourceUrl],
  ] as const;
  const given = named.flatMap(([name, url]) => (url === undefined ? [] : [webLink(url, name)]));
  return given.length > 0 && html`<p class="links">${given}</p>`;
}

function alerts({ alerts, moreAlerts, counts }: Message, now: number): VNode | false {
  if (alerts.length === 0) return false;
  const rest = [
    ...(moreAlerts > 0 ? [`${moreAlerts} more are not shown`] : []),
    ...(counts.hidden > 0 ? [`the sender left out ${counts.hidden}, of which nothing is known`] : []),
  ];
  return html`<section>
    <h2>Alerts</h2>
    <table>
      <thead>
        <tr>
          <th>Alert</th>
          <th>State</th>
          <th class="number">Began</th>
          <th>Value</th>
          <th>Links</th>
        </tr>
      </thead>
      <tbody>
        ${alerts.map((alert) => alertRow(alert, now))}
      </tbody>
    </table>
    ${rest.length > 0 && html`<p class="soft">${rest.join("; ")}.</p>`}
  </section>`;
}

function alertRow(
  { name, summary, where, state, severity, closedBecause, startsAt, endsAt, value, links }: MessageAlert,
  now: number,
): VNode {
  const named = [
    ["runbook", links.runbook],
    ["dashboard", links.dashboard],
    ["silence", links.silence],
    ["source", links.source],
  ] as const;
  return html`<tr>
    <td>
      <span class="title">${summary}</span><br /><span class="soft">${summary.startsWith(name) ? "" : `${name} `}</span
      >${labelList(where)}
    </td>
    <td>
      ${state === "firing" ? severityText({ severity, status: "firing" }) : html`<span class="ok">${state}</span>`}
      ${endsAt !== undefined && state !== "firing" && html`<br /><span class="soft">${ago(endsAt, now)}</span>`}
      ${closedBecause && html`<br /><span class="soft">${oneLine(closedBecause)}</span>`}
    </td>
    <td class="number" data-name="Began">${ago(startsAt, now)}</td>
    <td class="title" data-name="Value">${value}</td>
    <td class="links">${named.flatMap(([text, url]) => (url === undefined ? [] : [webLink(url, text)]))}</td>
  </tr>`;
}

function told({ conversation, others, now }: ConversationDetail): VNode {
  return html`<section>
    <h2>Who was told</h2>
    <table>
      <thead>
        <tr>
          <th>Destination</th>
          <th>State</th>
          <th>Last told</th>
          <th class="number">Attempts</th>
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
  const { destination, standing, attempts, failure, group } = one;
  return html`<tr>
    <td>
      ${isThis ? html`<strong>${destination}</strong>` : html`<a href=${`/alerts/${one.id}`}>${destination}</a>`}
      ${group.id !== groupId && html`<br /><span class="soft">by the summary </span>${titleLink(one)}`}
    </td>
    <td>
      ${standingText(standing)}${standing.mood !== "good" && html`<br /><span class="soft">for ${lastingSince(standing.since, now)}</span>`}
    </td>
    <td data-name="Last told">${lastTold(one, now)}</td>
    <td class="number" data-name="Attempts">${attempts > 0 ? attempts : ""}</td>
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

const ACTION_WORDS = { open: "new message", update: "change", remind: "reminder", close: "end" } as const;

function attempts({ attempts, conversation, now }: ConversationDetail): VNode {
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
          ${attempts.map((attempt) => attemptRow(attempt, now))}
        </tbody>
      </table>`
    }
  </section>`;
}

function attemptRow({ at, action, durationMs, failure, answer }: AttemptReport, now: number): VNode {
  return html`<tr>
    <td>${moment(at)}<br /><span class="soft">${ago(at, now)}</span></td>
    <td data-name="What">${ACTION_WORDS[action]}</td>
    <td class="number" data-name="Took">${inWords(durationMs)}</td>
    <td>${failure ? failureText(failure) : html`<span class="ok">taken</span> <code class="soft">${answer}</code>`}</td>
  </tr>`;
}

function whatToDo({ id, state, destination, isHeld }: ConversationReport): VNode | false {
  if (state === "settled" || state === "rolled_up") return false;
  const short = id.slice(0, SHORT_ID);
  return html`<section>
    <h2>What you can do</h2>
    ${isHeld ? html`<p>A time interval of its route holds it; ${destination} is told when that ends.</p>` : html`<p>Try ${destination} again at once:</p>`}
    ${!isHeld && command(`watchkeeper deliveries retry ${short}`)}
    ${state !== "dropped" && html`<p>Give this message up; it waits again when its alerts change:</p>`}
    ${state !== "dropped" && command(`watchkeeper deliveries drop ${short}`)}
  </section>`;
}

function facts({ message, conversation }: ConversationDetail): VNode {
  const { id, group } = conversation;
  const rows = [
    ["Labels of all its alerts", labelList(message.commonLabels)],
    ["Grouped by", labelList(message.groupLabels)],
    ["Source", html`<span>${group.source} <span class="soft">(${group.kind})</span></span>`],
    ["Sender's receiver", oneLine(group.receiver)],
    ["Route", html`<code>${group.route}</code>`],
    ["Sender's group", html`<code>${oneLine(group.groupKey)}</code>`],
    ["Id of this delivery", html`<code>${id}</code>`],
  ] as const;
  return html`<section>
    <h2>Where it comes from</h2>
    <table class="facts">
      <tbody>
        ${rows.map(
          ([name, value]) =>
            html`<tr>
              <td class="soft">${name}</td>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
