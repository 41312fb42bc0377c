import type { VNode } from "preact";
import { html, renderPage, type PageFrame } from "../page.ts";
import { logForm, serviceForm, traceForm } from "./look-up-forms.ts";

/** In place of a page of evidence that can not be shown: why, and the ways on. */
export function renderLostPage(title: string, message: string, frame: PageFrame): string {
  return page(
    title,
    html`<p class="banner wait">${message}</p>
      ${serviceForm()}`,
    frame,
  );
}

/** Where the id of a trace is pasted; with what is wrong about one that was. */
export function renderTraceForm(
  asked: { readonly id: string; readonly fault: string } | undefined,
  frame: PageFrame,
): string {
  return page("Traces", asked && html`<p class="banner wait">${asked.fault}</p>`, frame, asked?.id);
}

/** Where the id of a log line is pasted; as `renderTraceForm`. */
export function renderLogForm(
  asked: { readonly id: string; readonly fault: string } | undefined,
  frame: PageFrame,
): string {
  return page("Log lines", asked && html`<p class="banner wait">${asked.fault}</p>`, frame, asked?.id, logForm);
}

const page = (title: string, message: VNode | undefined, frame: PageFrame, id?: string, form = traceForm): string =>
  renderPage(
    `${title} - Watchkeeper`,
    html`<main>
      <h1>${title}</h1>
      ${message} ${form(id)}
      <p><a href="/evidence">All evidence</a></p>
    </main>`,
    frame,
  );
