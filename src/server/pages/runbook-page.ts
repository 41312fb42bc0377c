import markdownIt from "markdown-it";
import type { AlertHead } from "../../core/own-alerts.ts";
import type { Pack } from "../../core/pack.ts";
import { html, renderPage, type PageFrame } from "./page.ts";

/** A runbook as a page; raw HTML in its text is shown, not run. */
export function renderRunbookPage(of: AlertHead, markdown: string, frame: PageFrame): string {
  const body = markdownIt({ html: false, linkify: true }).render(markdown);
  return renderPage(`${of.name} - Watchkeeper`, html`<main dangerouslySetInnerHTML=${{ __html: body }} />`, frame);
}

/** Every alert of a pack that has a runbook: those of its rules, and those that Watchkeeper raises by itself. */
export const alertsOf = ({ alerts, ownAlerts = [] }: Pack): readonly AlertHead[] => [...alerts, ...ownAlerts];

/** The list of all runbooks, pack by pack. */
export function renderRunbookList(packs: readonly Pack[], frame: PageFrame): string {
  return renderPage(
    "Runbooks - Watchkeeper",
    html`<main>
      <h1>Runbooks</h1>
      ${packs.map(
        (pack) =>
          html`<section>
            <h2>${pack.title}</h2>
            <ul>
              ${alertsOf(pack).map(({ name, severity }) => html`<li><a href=${`/runbooks/${name}`}>${name}</a> <span class="soft">${severity}</span></li>`)}
            </ul>
          </section>`,
      )}
    </main>`,
    frame,
  );
}
