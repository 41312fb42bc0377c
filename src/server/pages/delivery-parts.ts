import type { VNode } from "preact";
import type { ConversationReport } from "../../app/deliveries/conversation-report.ts";
import type { FailureReport } from "../../app/deliveries/destination-report.ts";
import type { Standing } from "../../app/deliveries/standing.ts";
import { oneLine } from "../../lib/text.ts";
import { inWords, moment } from "../../lib/times.ts";
import { html } from "./page.ts";

const MOOD_CLASS: Readonly<Record<Standing["mood"], string>> = {
  good: "ok",
  waiting: "wait",
  bad: "bad",
  neutral: "soft",
};

/** A moment as its age; the exact one is in the tooltip. */
export const ago = (at: number, now: number): VNode => timeOf(at, `${inWords(now - at)} ago`);

/** How long something has been going on; when it began is in the tooltip. */
export const lastingSince = (at: number, now: number): VNode => timeOf(at, inWords(now - at));

const timeOf = (at: number, words: string): VNode =>
  html`<time datetime=${new Date(at).toISOString()} title=${moment(at)}>${words}</time>`;

/** Where a conversation stands, in its colour. */
export const standingText = ({ words, mood }: Standing): VNode => html`<span class=${MOOD_CLASS[mood]}>${words}</span>`;

/** A severity in words; only what fires is coloured. */
export function severityText({ severity, status }: Pick<ConversationReport, "severity" | "status">): VNode {
  if (status === "resolved") return html`<span class="ok">over</span>`;
  const mood = severity === "critical" || severity === "error" ? "bad" : severity === "warning" ? "wait" : "soft";
  return html`<span class=${mood}>${severity}</span>`;
}

/** How many alerts fire, are over, and were left out; nothing when it is a single one. */
export function countsText({ firing, closed, hidden }: ConversationReport["counts"]): string {
  if (firing + closed + hidden <= 1) return "";
  const parts = [
    ...(firing > 0 ? [`${firing} ${firing === 1 ? "fires" : "fire"}`] : []),
    ...(closed > 0 ? [`${closed} over`] : []),
    ...(hidden > 0 ? [`${hidden} left out by the sender`] : []),
  ];
  return parts.join(", ");
}

/** The title of a conversation's group, as a link to its page. */
export const titleLink = ({ id, title }: Pick<ConversationReport, "id" | "title">): VNode =>
  html`<a class="title" href=${`/alerts/${id}`}>${title}</a>`;

/** Why something failed, and what to do about it. */
export const failureText = ({ reason, meaning, action, detail }: FailureReport): VNode =>
  html`<div class="error">
    <strong>${reason}</strong><br />${meaning} ${action}${detail && html`<br /><code class="soft">${detail}</code>`}
  </div>`;

/** The same without what is to be done, where that is said nearby. */
export const shortFailureText = ({ reason, detail }: FailureReport): VNode =>
  html`<div class="error"><strong>${reason}</strong> ${detail && html`<code class="soft">${detail}</code>`}</div>`;

/** A link to somewhere else; only the text when it is no address of the web. */
export const webLink = (url: string, text: string): VNode =>
  /^https?:\/\//i.test(url) ? html`<a href=${url} rel="noreferrer noopener">${text}</a>` : html`<span>${text}</span>`;

/** Labels, one beside the other. */
export const labelList = (labels: Readonly<Record<string, string>>): VNode =>
  html`<span
    >${Object.entries(labels).map(([name, value]) => html`<code class="label">${oneLine(`${name}="${value}"`)}</code> `)}</span
  >`;

/** A command for a terminal. */
export const command = (text: string): VNode => html`<pre class="command"><code>${text}</code></pre>`;
