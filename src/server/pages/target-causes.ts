import type { VNode } from "preact";
import type { PartStatus, SeenError } from "../../app/part-status.ts";
import { COLLECT_REASONS, type CollectReason } from "../../core/errors.ts";
import { html } from "./page.ts";

/** One failure with the part that met it. */
type PartError = SeenError & { readonly part: string };

/** How many reasons these parts meet. */
export const countCauses = (parts: readonly PartStatus[]): number =>
  new Set(parts.flatMap(({ errors }) => errors.map(({ reason }) => reason))).size;

/**
 * Why parts of one target can not be read: each reason once, however many parts meet it, with what to do and what each
 * part said.
 */
export function causes(parts: readonly PartStatus[]): readonly VNode[] {
  const met = parts.flatMap(({ part, errors }): PartError[] => errors.map((error) => ({ ...error, part })));
  return [...Map.groupBy(met, ({ reason }) => reason)].map(([reason, errors]) => cause(reason, errors, parts.length));
}

function cause(reason: CollectReason, errors: readonly PartError[], of: number): VNode {
  const { meaning, action } = COLLECT_REASONS[reason];
  const affected = [...new Set(errors.map(({ part }) => part))];
  return html`<div class="error trouble">
    <strong>${reason}</strong> in ${where(affected, of)}<br />
    ${meaning} ${action} ${errors.length === 1 ? errors.map(said) : folded(errors)}
  </div>`;
}

function where(affected: readonly string[], of: number): string {
  if (affected.length === 1) return affected.join();
  return affected.length === of ? `all ${of} parts` : `${affected.length} of ${of} parts`;
}

const folded = (errors: readonly PartError[]): VNode =>
  html`<details>
    <summary>What each part said</summary>
    ${[...Map.groupBy(errors, ({ message }) => message)].map(
      ([message, alike]) =>
        html`<div class="error">
          <strong>${alike.map(named).join(", ")}</strong><br /><code class="soft">${message}</code>
        </div>`,
    )}
  </details>`;

const named = ({ part, piece }: PartError): string => (piece === undefined ? part : `${part} (${piece})`);

const said = ({ piece, message }: SeenError): VNode =>
  html`<div>${piece && `${piece}: `}<code class="soft">${message}</code></div>`;
