import type { VNode } from "preact";
import type { PartStatus } from "../../app/part-status.ts";
import type { ReplicaReport } from "../../app/replicas/report.ts";
import { targetKey } from "../../app/target-key.ts";
import { inWords } from "../../lib/times.ts";
import { html, renderPage, type PageFrame } from "./page.ts";
import { replicasSection } from "./replicas-section.ts";
import { causes, countCauses } from "./target-causes.ts";

/** What the page shows besides the parts. */
export interface TargetsPageOptions extends PageFrame {
  readonly version: string;
  /** Show only this target. */
  readonly target: string | undefined;
  /** Who polls what, where replicas divide the targets. */
  readonly replicas?: ReplicaReport | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The landing page: each target, why it can not be read and what to do, its parts, and the age of what is shown. */
export function renderTargetsPage(statuses: readonly PartStatus[], options: TargetsPageOptions): string {
  const asked = statuses.filter(({ target }) => options.target === undefined || target === options.target);
  const shown = asked.filter(({ isElsewhere }) => !isElsewhere);
  const groups = Map.groupBy(shown, ({ collector, target }) => `${collector} / ${target}`);
  const title = options.target === undefined ? "Targets" : `Target ${options.target}`;
  return renderPage(
    `${title} - Watchkeeper`,
    html`<main>
      <h1>${title}</h1>
      ${asked.length > 0 && shown.length === 0 ? nothingHere(options) : verdict(shown, options)}
      ${shown.length > 0 && shown.length < asked.length && elsewhere(asked, groups.size)}
      ${[...groups].map(([name, parts]) => section(name, parts, options.now))}
      ${options.replicas && replicasSection(asked, options.replicas, options)}
      <p class="soft">Watchkeeper ${options.version}${options.target && html` - <a href="/">all targets</a>`}</p>
    </main>`,
    options,
  );
}

/** Who opened one replica's page of several is not to think that the rest is watched by nobody. */
const elsewhere = (asked: readonly PartStatus[], polledHere: number): VNode =>
  html`<p>
    Of ${new Set(asked.map(({ collector, target }) => targetKey({ collector, name: target }))).size} targets this
    replica polls ${polledHere}; see <a href="#replicas">who has the rest</a>.
  </p>`;

const nothingHere = ({ replicas }: TargetsPageOptions): VNode =>
  replicas?.isMember
    ? html`<p class="banner ok">This replica polls none of these targets; see below who does.</p>`
    : html`<p class="banner bad">
        This replica polls nothing: it can not be sure which targets are its own until it can write the store.
      </p>`;

function verdict(shown: readonly PartStatus[], { target }: TargetsPageOptions): VNode {
  if (shown.length === 0 && target !== undefined)
    return html`<p class="banner bad">There is no target of this name. <a href="/">All targets</a></p>`;
  if (shown.length === 0)
    return html`<p class="banner wait">No targets are configured. Add one under <code>targets</code> and reload.</p>`;
  const failing = shown.filter(({ outcome, errors }) => outcome === "failed" || errors.length > 0).length;
  const pending = shown.filter(({ outcome }) => outcome === "pending").length;
  if (failing > 0) return html`<p class="banner bad">${failing} of ${shown.length} parts can not be read in full.</p>`;
  if (pending > 0)
    return html`<p class="banner wait">${pending} of ${shown.length} parts wait for their first poll.</p>`;
  const empty = shown.filter(({ outcome }) => outcome === "no_data").length;
  if (empty > 0)
    return html`<p class="banner ok">
      ${shown.length - empty} parts are read; ${empty} ${empty === 1 ? "has" : "have"} nothing to read, for the reason
      below.
    </p>`;
  return html`<p class="banner ok">All ${shown.length} parts are read.</p>`;
}

function section(name: string, parts: readonly PartStatus[], now: number): VNode {
  const areSeveral = countCauses(parts) > 1;
  return html`<section>
    <h2>${name}</h2>
    ${causes(parts)}
    <table>
      <thead>
        <tr>
          <th>Part</th>
          <th>State</th>
          <th class="number">Values from</th>
          <th class="number">Every</th>
          <th class="number">Took</th>
          <th>Note</th>
        </tr>
      </thead>
      <tbody>
        ${parts.map((part) => row(part, now, areSeveral ? reasonsOf(part) : ""))}
      </tbody>
    </table>
  </section>`;
}

const reasonsOf = ({ errors }: PartStatus): string => [...new Set(errors.map(({ reason }) => reason))].join(", ");

function row(part: PartStatus, now: number, reasons: string): VNode {
  const age = part.lastSuccessAt === undefined ? "never" : `${inWords(now - part.lastSuccessAt)} ago`;
  const valuesFrom = part.outcome === "no_data" ? "" : age;
  return html`<tr>
    <td><strong>${part.part}</strong><br /><span class="soft">${part.title}</span></td>
    <td>${state(part)}</td>
    <td class="number" data-name="Values from">${valuesFrom}</td>
    <td class="number" data-name="Every">${inWords(part.every)}</td>
    <td class="number" data-name="Took">${part.durationMs === undefined ? "" : inWords(part.durationMs)}</td>
    <td data-name="Note" class="soft">${part.note ?? reasons}</td>
  </tr>`;
}

function state({ outcome, errors }: PartStatus): VNode {
  if (outcome === "pending") return html`<span class="wait">waits</span>`;
  if (outcome === "failed") return html`<span class="bad">failed</span>`;
  if (errors.length > 0) return html`<span class="bad">incomplete</span>`;
  if (outcome === "no_data") return html`<span class="soft">nothing to read</span>`;
  return html`<span class="ok">read</span>`;
}
