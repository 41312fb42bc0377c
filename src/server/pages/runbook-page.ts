import markdownIt from "markdown-it";
import type { Alert } from "../../core/alert.ts";
import type { Pack } from "../../core/pack.ts";
import { html, renderPage, type PageFrame } from "./page.ts";

/** A runbook as a page; raw HTML in its text is shown, not run. */
export function renderRunbookPage(of: Alert<string>, markdown: string, frame: PageFrame): string {
  const body = markdownIt({ html: false, linkify: true }).render(markdown);
  return renderPage(`${of.name} - Watchkeeper`, html`<main dangerouslySetInnerHTML=${{ __html: body }} />`, frame);
}

/** The list of all runbooks, pack by pack. */
export function renderRunbookList(packs: readonly Pack[], frame: PageFrame): string {
  return renderPage(
    "Runbooks - Watchkeeper",
    html`<main>
      <h1>Runbooks</h1>
      ${packs.map(
        ({ title, alerts }) =>
          html`<section>
            <h2>${title}</h2>
            <ul>
              ${alerts.map(({ name, severity }) => html`<li><a href=${`/runbooks/${name}`}>${name}</a> <span class="soft">${severity}</span></li>`)}
            </ul>
          </section>`,
      )}
    </main>`,
    frame,
  );
}
