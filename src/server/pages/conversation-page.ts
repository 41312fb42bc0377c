import type { VNode } from "preact";
import type { ConversationReport } from "../../app/deliveries/conversation-report.ts";
import type { ConversationDetail } from "../../app/deliveries/read-deliveries.ts";
import { shortId } from "../../app/deliveries/words.ts";
import type { Message, MessageAlert } from "../../core/message.ts";
import { oneLine } from "../../lib/text.ts";
import { inWords } from "../../lib/times.ts";
import { ago, command, countsText, labelList, lastingSince, severityText, webLink } from "./delivery-parts.ts";
import { attemptTable, toldTable } from "./delivery-tables.ts";
import { html, renderPage, type PageFrame } from "./page.ts";

/** One conversation: its message as it is now, what each destination was told, every attempt, and what to do. */
export function renderConversationPage(detail: ConversationDetail, frame: PageFrame): string {
  const { message, conversation, now } = detail;
  return renderPage(
    `${message.title} - Watchkeeper`,
    html`<main>
      <h1 class="title">${message.title}</h1>
      ${summary(message, now)} ${linkRow(message)} ${evidence(detail, frame)} ${alerts(message, now)}
      ${toldTable(detail)} ${attemptTable(detail)} ${whatToDo(conversation)} ${facts(detail)}
    </main>`,
    frame,
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

/** What was found, or where it is looked for; nothing where none is ever made. */
function evidence({ message, conversation }: ConversationDetail, { hasEvidence = false }: PageFrame): VNode | false {
  const { evidence: lines = [], links } = message;
  if (!hasEvidence && lines.length === 0) return false;
  return html`<section>
    <h2>Evidence</h2>
    ${
      lines.length > 0 &&
      html`<ul>
        ${lines.map((line) => html`<li class="title">${line}</li>`)}
      </ul>`
    }
    <p class="links">
      ${links.evidence !== undefined && webLink(links.evidence, "All that was found")}
      ${hasEvidence && html`<a href=${`/correlate?group=${conversation.group.id}`}>Look at logs, traces and metrics now</a>`}
    </p>
  </section>`;
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
  { fingerprint, name, summary, where, state, severity, closedBecause, startsAt, endsAt, value, links }: MessageAlert,
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
      >${labelList(where)}<br /><small class="soft">fingerprint ${fingerprint}</small>
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

function whatToDo({ id, state, destination, isHeld }: ConversationReport): VNode | false {
  if (state === "settled" || state === "rolled_up") return false;
  const short = shortId(id);
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
