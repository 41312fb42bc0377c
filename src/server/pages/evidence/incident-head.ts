import type { VNode } from "preact";
import type { Incident } from "../../../app/evidence/incident.ts";
import { inWords, moment } from "../../../lib/times.ts";
import { webLink } from "../delivery-parts.ts";
import { html } from "../page.ts";

/** What an incident is called: its alert, and what it is about. */
export function nameOf({ bundle: { question } }: Incident): string {
  const [nearest] = question.scope.entities;
  if (question.alert === undefined) return nearest === undefined ? "Evidence" : `${nearest.kind} ${nearest.name}`;
  return nearest === undefined ? question.alert.name : `${question.alert.name}, ${nearest.kind} ${nearest.name}`;
}

/** What the alert says, where it stands, and its links. */
export function renderHead(incident: Incident, now: number): VNode {
  const { bundle, alert, conversationId } = incident;
  const asked = bundle.question.alert;
  const links = [
    ["Runbook", alert?.links.runbook],
    ["Dashboard", alert?.links.dashboard],
    ["Silence", alert?.links.silence],
    ["Rule", alert?.links.source],
  ] as const;
  const summary = alert?.annotations["summary"] ?? alert?.annotations["description"];
  return html`<div>
    ${summary !== undefined && html`<p class="text">${summary}</p>`}
    ${
      asked !== undefined &&
      html`<p class=${`banner ${moodOf(incident)}`}>${stateOf(incident, asked.startsAt, now)}</p>`
    }
    <p class="links">
      ${links.flatMap(([text, url]) => (url === undefined ? [] : [webLink(url, text)]))}
      ${conversationId !== undefined && html`<a href=${`/alerts/${conversationId}`}>Who was told</a>`}
    </p>
  </div>`;
}

const moodOf = ({ alert }: Incident): string =>
  alert === undefined ? "soft" : alert.state === "firing" ? "bad" : "ok";

function stateOf({ alert, firedAgainAt }: Incident, startsAt: number, now: number): VNode {
  const began = html`Began ${moment(startsAt)}`;
  if (alert?.state === "firing") return html`<span>${began}, fires for ${inWords(now - startsAt)}.</span>`;
  if (alert !== undefined) {
    const end = alert.endsAt ?? alert.closedAt;
    const lasted = end === undefined ? "" : `, after ${inWords(end - startsAt)}`;
    return html`<span>${began}; ${alert.state}${lasted}.</span>`;
  }
  const since = firedAgainAt === undefined ? ", and is not known any more" : `; it fired anew ${moment(firedAgainAt)}`;
  return html`<span>${began}${since}.</span>`;
}
