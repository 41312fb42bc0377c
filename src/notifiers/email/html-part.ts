import { html } from "htm/preact";
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Message } from "../../core/message.ts";
import type { NamedLink } from "../shared/wording.ts";
import type { MailAlert, MailContent } from "./content.ts";

// Style sheets are dropped by some mail programs, so that every style stands at its element. Neither text nor
// background has a colour of its own: the reader's mail program gives both, in the dark too.
const BODY = "margin:0;padding:16px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const BREAK = "overflow-wrap:anywhere;word-break:break-word";
const SOFT = "opacity:.75;font-size:14px";
const HEADING = "font-size:14px;margin:24px 0 8px;opacity:.75;text-transform:uppercase;letter-spacing:.05em";
const BUTTON =
  "display:inline-block;padding:8px 14px;margin:0 8px 8px 0;border:1px solid #888;border-radius:6px;text-decoration:none";

const SEVERITY_COLOURS = { critical: "#d32f2f", error: "#f4511e", warning: "#fb8c00", info: "#1e88e5" } as const;
const OVER_COLOUR = "#43a047";

/** The HTML of a mail; whatever is put into it is escaped, and nothing in it is fetched from anywhere. */
export function htmlPart(content: MailContent, { status, severity }: Pick<Message, "status" | "severity">): string {
  const colour = status === "resolved" ? OVER_COLOUR : SEVERITY_COLOURS[severity];
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <title>${content.headline}</title>
    </head>
    <body style=${BODY}>
      <div style="display:none">${content.changes[0] ?? content.facts.join("; ")}</div>
      <div style=${`max-width:600px;margin:0 auto;${BREAK}`}>
        <div style=${`border-left:6px solid ${colour};padding-left:12px`}>
          <h1 style="font-size:20px;line-height:1.3;margin:0">${content.headline}</h1>
          ${content.facts.map((fact) => html`<div style=${SOFT}>${fact}</div>`)}
        </div>
        ${list("What changed since the last mail", content.changes)} ${alerts(content)} ${buttons(content.links)}
        ${list("Labels", content.labels)} ${list("What was found", content.evidence)}
        <p style=${`${SOFT};margin-top:24px`}>${content.footer}</p>
      </div>
    </body>
  </html>`;
  return `<!doctype html>\n${renderToString(page)}\n`;
}

const list = (title: string, lines: readonly string[]): VNode | undefined =>
  lines.length === 0
    ? undefined
    : html`<h2 style=${HEADING}>${title}</h2>
        <ul style="margin:0;padding-left:20px">
          ${lines.map((line) => html`<li>${line}</li>`)}
        </ul>`;

const alerts = ({ alerts, rest }: MailContent): VNode | undefined =>
  alerts.length === 0 && rest === undefined
    ? undefined
    : html`<h2 style=${HEADING}>Alerts</h2>
        ${alerts.map(alertBlock)}${rest === undefined ? undefined : html`<p style="margin:12px 0">and ${rest}</p>`}`;

function alertBlock({ title, isFiring, severity, facts, description, links }: MailAlert): VNode {
  const line = `border-left:3px solid ${isFiring ? SEVERITY_COLOURS[severity] : OVER_COLOUR}`;
  return html`<div style=${`${line};padding-left:12px;margin:12px 0`}>
    <div style="font-weight:600">${isFiring ? "" : "✅ "}${title}</div>
    <div style=${SOFT}>${facts.join("; ")}</div>
    ${description === undefined ? undefined : html`<div style="white-space:pre-line">${description}</div>`}
    ${links.length === 0 ? undefined : html`<div>${links.map(textLink)}</div>`}
  </div>`;
}

const textLink = ({ name, url }: NamedLink): VNode => html`<a href=${url} style="margin-right:12px">${name}</a>`;

const buttons = (links: readonly NamedLink[]): VNode | undefined =>
  links.length === 0
    ? undefined
    : html`<div style="margin:24px 0 0">
        ${links.map(({ name, url }) => html`<a href=${url} style=${BUTTON}>${name}</a>`)}
      </div>`;
