import type { VNode } from "preact";
import type { Bundle, SignalReport, Verdict } from "../../../core/evidence.ts";
import { SIGNAL_NAMES } from "../../../core/evidence-words.ts";
import { html } from "../page.ts";

const UNSEEN: ReadonlySet<Verdict> = new Set(["source_down", "not_configured", "no_baseline"]);
const MOST_NOTES = 16;

/** Whether what a report says is told where everything stands that could not be seen. */
export const isUnseen = ({ verdict }: SignalReport): boolean => UNSEEN.has(verdict);

/** What could not be seen: each sentence once, with the names of all signals that say it. Nothing when all was. */
export function renderUnseen(bundle: Bundle): VNode | false {
  const said = Map.groupBy(sentences(bundle), ({ text }) => text);
  const shown = [...said].slice(0, MOST_NOTES);
  return (
    shown.length > 0 &&
    html`<section class="trouble unseen">
      <h2>What could not be seen</h2>
      <ul>
        ${shown.map(([text, by]) => html`<li><strong>${by.map(({ name }) => name).join(", ")}</strong>: ${text}</li>`)}
      </ul>
      ${said.size > shown.length && html`<p class="soft">${said.size - shown.length} more notes are in the JSON.</p>`}
    </section>`
  );
}

interface Sentence {
  readonly name: string;
  readonly text: string;
}

function sentences({ reports, question, trace }: Bundle): readonly Sentence[] {
  const notes = reports.flatMap((report) => {
    const own = isUnseen(report) ? [report.said, ...report.notes] : report.notes;
    return [...new Set(own)].map((text) => ({ name: SIGNAL_NAMES[report.signal], text }));
  });
  const scope = question.scope.notes.map((text) => ({ name: "What is looked at", text }));
  const known = new Set(notes.map(({ text }) => text));
  const ofTrace = (trace?.notes ?? []).filter((text) => !known.has(text)).map((text) => ({ name: "The trace", text }));
  return [...notes, ...scope, ...ofTrace];
}
