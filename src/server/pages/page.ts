import { html } from "htm/preact";
import type { ComponentChild } from "preact";
import { renderToString } from "preact-render-to-string";

/** Tagged template for HTML; every text put into it is escaped. */
export { html };

const STYLE = `
:root { color-scheme: light dark; --ok: #1a7f37; --bad: #c62828; --wait: #8a6100; --line: #8885; --soft: #888; }
@media (prefers-color-scheme: dark) { :root { --ok: #4ac26b; --bad: #ff7b72; --wait: #e3b341; } }
body { font: 16px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; border-bottom: 1px solid var(--line); padding-bottom: .5rem; }
header a.home { font-weight: 700; text-decoration: none; color: inherit; font-size: 1.15rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85rem; }
td, th { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ok { color: var(--ok); } .bad { color: var(--bad); font-weight: 600; } .wait { color: var(--wait); } .soft { color: var(--soft); }
.title, code.label { overflow-wrap: anywhere; } .text { white-space: pre-line; overflow-wrap: anywhere; max-width: 48rem; }
pre.command { white-space: pre-wrap; } a.plain { color: inherit; } code.label { font-size: .85rem; margin-right: .35rem; } .links > * { display: inline-block; margin-right: 1rem; }
.trouble { border-left: 4px solid var(--bad); padding-left: .8rem; margin: 1rem 0; } .trouble h2 { margin-top: 0; }
svg.chart { width: 100%; height: auto; } .budget { white-space: nowrap; } .left { display: inline-block; width: 5rem; height: .6rem; border: 1px solid var(--line); } .left > i { display: block; height: 100%; background: currentColor; }
.lookup { display: flex; flex-wrap: wrap; gap: .4rem; align-items: baseline; margin: .8rem 0; } .lookup input, .lookup button { font: inherit; padding: .15rem .4rem; max-width: 100%; box-sizing: border-box; }
.error { overflow-wrap: anywhere; } .error + .error { margin-top: .4rem; }
.banner { padding: .6rem .8rem; border-left: 4px solid; margin: 1rem 0; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid var(--line); } code { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  thead { display: none; } tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; border: 0; padding: .05rem 0; } td.number { text-align: left; }
  td[data-name]:not(:empty)::before { content: attr(data-name) ": "; color: var(--soft); }
}`;

/**
 * Content security policy of every page: nothing is loaded from anywhere, no script runs, and forms lead to the server
 * itself.
 */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/** What differs in the frame of the pages. */
export interface PageFrame {
  /** Whether alerts are delivered, so that there is a page of them to lead to. */
  readonly hasAlerts: boolean;
  /** Whether there are SLOs to lead to. */
  readonly hasSlos?: boolean | undefined;
  /** Whether there are dashboards to lead to. */
  readonly hasDashboards?: boolean | undefined;
  /** Whether there is evidence to lead to. */
  readonly hasEvidence?: boolean | undefined;
  /** Whether dashboards are all that there is, as in `watchkeeper preview`. */
  readonly isPreview?: boolean | undefined;
}

/** A whole HTML page. */
export function renderPage(title: string, content: ComponentChild, frame: PageFrame): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      <style dangerouslySetInnerHTML=${{ __html: STYLE }} />
    </head>
    <body>
      <header>
        <a class="home" href="/">Watchkeeper</a>
        ${linksOf(frame).map(([href, text]) => html`<a href=${href}>${text}</a> `)}
      </header>
      ${content}
    </body>
  </html>`;
  return `<!doctype html>${renderToString(page)}`;
}

const linksOf = ({
  hasAlerts,
  hasEvidence = false,
  hasSlos = false,
  hasDashboards = false,
  isPreview = false,
}: PageFrame) =>
  [
    ...(hasAlerts ? ([["/alerts", "Alerts"]] as const) : []),
    ...(hasEvidence ? ([["/evidence", "Evidence"]] as const) : []),
    ...(hasSlos ? ([["/slos", "SLOs"]] as const) : []),
    ...(hasDashboards ? ([["/dashboards", "Dashboards"]] as const) : []),
    ...(isPreview
      ? []
      : ([
          ["/metrics", "Metrics"],
          ["/runbooks", "Runbooks"],
        ] as const)),
  ] as const;
