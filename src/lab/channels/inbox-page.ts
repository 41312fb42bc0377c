import { html } from "htm/preact";
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { ChannelStandIn, SeenMessage } from "./stand-in.ts";

/** How many messages of each stand-in are shown; a storm would make the page too long to read. */
const SHOWN = 50;

const STYLE = `
:root { color-scheme: light dark; --open: #c26a00; --closed: #1a7f37; --bad: #c62828; --line: #8885; --soft: #6b6b6b; --card: #8881; }
@media (prefers-color-scheme: dark) { :root { --open: #e3a341; --closed: #4ac26b; --bad: #ff7b72; --soft: #9a9a9a; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 100rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; margin: 1.25rem 0 .5rem; } h3 { font-size: 1rem; margin: .1rem 0; }
h3, p { overflow-wrap: anywhere; } p { margin: .2rem 0; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 0 1.5rem; align-items: start; }
article { background: var(--card); border-left: 4px solid var(--open); border-radius: 4px; padding: .5rem .75rem; margin: .6rem 0; }
article.closed { border-color: var(--closed); } article.closed > h3 { color: var(--closed); }
.text { white-space: pre-wrap; } .soft { color: var(--soft); font-size: .85rem; } .bad { color: var(--bad); font-size: .9rem; }
.reply { margin-left: 1rem; padding-left: .6rem; border-left: 2px solid var(--line); }
details { margin: .3rem 0; } details > div { border-top: 1px solid var(--line); padding: .3rem 0 .3rem .6rem; opacity: .8; }`;

/** The page of all messages; every text in it is escaped. */
export function renderInbox(standIns: readonly ChannelStandIn[], { isPaused }: { isPaused: boolean }): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      ${!isPaused && html`<meta http-equiv="refresh" content="2" />`}
      <title>Inbox - Watchkeeper's lab</title>
      <style dangerouslySetInnerHTML=${{ __html: STYLE }} />
    </head>
    <body>
      <header>
        <h1>What people see</h1>
        ${
          isPaused
            ? html`<a href="/">Look again every 2 seconds</a>`
            : html`<a href="/?paused">Stop looking again, to read</a>`
        }
        <a href="/messages.json">JSON</a>
      </header>
      <main>${standIns.map(section)}</main>
    </body>
  </html>`;
  return `<!doctype html>${renderToString(page)}`;
}

function section(standIn: ChannelStandIn): VNode {
  const messages = standIn.messages();
  const refusals = Object.entries(standIn.refusals());
  const shown = messages.slice(-SHOWN).toReversed();
  return html`<section>
    <h2>${standIn.title} <span class="soft">${counted(messages.length, "message")}</span></h2>
    ${refusals.map(([what, count]) => html`<p class="bad">refused ${counted(count, "time")}: ${what}</p>`)}
    ${messages.length === 0 && html`<p class="soft">Nothing yet.</p>`} ${shown.map(article)}
    ${messages.length > SHOWN && html`<p class="soft">and ${messages.length - SHOWN} older</p>`}
  </section>`;
}

function article(message: SeenMessage): VNode {
  const { at, place, title, text, edits, thread } = message;
  return html`<article class=${isOver(message) ? "closed" : ""}>
    <p class="soft">${clock(at)} · ${place}</p>
    <h3>${title}</h3>
    <p class="text">${text}</p>
    ${
      edits.length > 0 &&
      html`<details>
        <summary class="soft">edited ${counted(edits.length, "time")}</summary>
        ${edits.map(
          (edit) =>
            html`<div>
              <p class="soft">until ${clock(edit.at)}</p>
              <h3>${edit.title}</h3>
              <p class="text">${edit.text}</p>
            </div>`,
        )}
      </details>`
    }
    ${thread.map(
      (reply) =>
        html`<div class="reply">
          <p class="soft">${clock(reply.at)}</p>
          <p class="text">${reply.text}</p>
        </div>`,
    )}
  </article>`;
}

/** Where the service has no notion of it, the title says so. */
const isOver = ({ isClosed, title }: SeenMessage): boolean => isClosed ?? title.includes("[RESOLVED]");

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const clock = (unixMs: number): VNode => {
  const text = new Date(unixMs).toISOString();
  return html`<time datetime=${text}>${text.slice(11, 19)} UTC</time>`;
};
