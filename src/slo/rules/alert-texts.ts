import { inSeconds } from "../../core/duration.ts";
import { BUDGET_LEFT, ID_LABEL } from "../conventions.ts";
import type { Slo } from "../model.ts";
import { lengthOf } from "../tiers.ts";
import { percentOf, windowText } from "./context.ts";

/** What an alert says, as Prometheus' templates. Source: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ */
export interface AlertTexts {
  readonly summary: string;
  readonly description: string;
}

/** Of the burning of the budget; the alert's value is how many times too fast. */
export function burnTexts(slo: Slo): AlertTexts {
  const period = inSeconds(lengthOf(slo.window));
  const rest = query(slo, (left) => `(${left} > 0) * ${period} / %g`, "$value");
  const gone = query(slo, (left) => `${left} <= 0`);
  return {
    summary: `${subject(slo)} burns its error budget {{ printf "%.1f" $value }} times too fast`,
    description: sentences(slo, [
      `{{ with ${rest} }}At this rate the rest of the budget is gone in {{ . | first | value | humanizeDuration }}.{{ end }}` +
        `{{ with ${gone} }}The budget is already used up.{{ end }}`,
      "Look first at what changed last, and at what the service needs.",
    ]),
  };
}

/** Of the lack of data. */
export const noDataTexts = (slo: Slo): AlertTexts => ({
  summary: `${slo.id} is not measured any more`,
  description: sentences(slo, [
    "The query of its events gives nothing: the metric is gone, renamed or not scraped, or its rules are not evaluated.",
    "Until it is back nobody is paged for this objective.",
  ]),
});

/** Of a budget of which less is left than a share; the alert's value is what is left. */
export const budgetTexts = (slo: Slo, below: string): AlertTexts => ({
  summary: `${subject(slo)} has less than ${below} of its error budget left`,
  description: sentences(slo, [
    "{{ if gt $value 0.0 }}{{ $value | humanizePercentage }} of the budget is left.{{ else }}The budget is used up: the objective is missed by now.{{ end }}",
    "Nothing needs to be broken at this moment; let what could fail wait, and repair what fails most often.",
  ]),
});

/** Text that Prometheus' templates shall print as it is. */
export const literal = (text: string): string => text.replaceAll("{{", '{{ "{{" }}');

const subject = ({ id, groupBy }: Slo): string => {
  const groups = groupBy.map((label) => `${label} {{ $labels.${label} }}`);
  return groups.length === 0 ? id : `${id} (${groups.join(", ")})`;
};

function sentences(slo: Slo, more: readonly string[]): string {
  const about = literal(slo.description.trim().replaceAll(/\s+/g, " "));
  const ended = about === "" || /[.!?]$/.test(about) ? about : `${about}.`;
  return [ended, `Objective: ${percentOf(slo)}% over ${windowText(slo.window)}.`, ...more].filter(Boolean).join(" ");
}

/** A template's query for what is left of the budget of the alert's group, with room for one more value. */
function query({ id, groupBy }: Slo, expression: (left: string) => string, value?: string): string {
  const groups = groupBy.map((label) => `,${label}=%q`).join("");
  const format = expression(`${BUDGET_LEFT}{${ID_LABEL}="${id}"${groups}}`);
  const values = [...groupBy.map((label) => `$labels.${label}`), ...(value === undefined ? [] : [value])];
  return `query (${["printf", `\`${format}\``, ...values].join(" ")})`;
}
