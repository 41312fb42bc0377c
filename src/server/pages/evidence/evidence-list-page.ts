import type { VNode } from "preact";
import type { BundleHead } from "../../../core/evidence-store.ts";
import { moment } from "../../../lib/times.ts";
import { ago } from "../delivery-parts.ts";
import { html, renderPage, type PageFrame } from "../page.ts";
import { logForm, serviceForm, traceForm } from "./look-up-forms.ts";

/** The newest evidence, and places to paste the id of a trace or a log line. */
export function renderEvidenceListPage(
  bundles: readonly BundleHead[],
  frame: PageFrame & { readonly now: number },
): string {
  return renderPage(
    "Evidence - Watchkeeper",
    html`<main>
      <h1>Evidence</h1>
      ${serviceForm()} ${traceForm()} ${logForm()}
      ${bundles.length === 0 ? html`<p>None was made yet.</p>` : list(bundles, frame.now)}
      <p class="soft">
        On the command line: <code>watchkeeper correlate --service checkout --from 30m</code>; for programs:${" "}
        <code>/api/v1/correlate?service=checkout&from=30m</code>.
      </p>
    </main>`,
    frame,
  );
}

const list = (bundles: readonly BundleHead[], now: number): VNode =>
  html`<table>
    <thead>
      <tr>
        <th>About</th>
        <th>What stands out first</th>
        <th>Time that was looked at</th>
        <th class="number">Made</th>
      </tr>
    </thead>
    <tbody>
      ${bundles.map(
        ({ id, about, best, window, groupId, createdAt }) =>
          html`<tr>
            <td>
              <a class="title" href=${`/evidence/${id}`}>${about}</a>
              ${groupId === undefined && html`<br /><span class="soft">asked for by hand</span>`}
            </td>
            <td class="title">${best ?? html`<span class="soft">nothing</span>`}</td>
            <td data-name="Time">${moment(window.from).slice(0, -" UTC".length)} to ${moment(window.to).slice(11)}</td>
            <td class="number" data-name="Made">${ago(createdAt, now)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
