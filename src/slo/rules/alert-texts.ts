import { inSeconds } from "../../core/duration.ts";
import { BUDGET_LEFT, ID_LABEL } from "../conventions.ts";
import type { Slo } from "../model.ts";
import type { RuleContext } from "./context.ts";

/**
 * What an alert says, as Prometheus' templates. Source:
 * https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
 */
export interface AlertTexts {
  readonly summary: string;
  readonly description: string;
}

/** Of the burning of the budget; the alert's value is how many times too fast. */
export function burnTexts({ slo, period, preface }: RuleContext): AlertTexts {
  const rest = query(slo, (left) => `(${left} > 0) * ${inSeconds(period)} / %g`, "$value");
  const gone = query(slo, (left) => `${left} <= 0`);
  return {
    summary: `${subject(slo)} burns its error budget {{ printf "%.1f" $value }} times too fast`,
    description: [
      preface,
      `{{ with ${rest} }}At this rate the rest of the budget is gone in {{ . | first | value | humanizeDuration }}.{{ end }}` +
        `{{ with ${gone} }}The budget is already used up.{{ end }}`,
      "Look first at what changed last, and at what the service needs.",
    ].join(" "),
  };
}

/** Of the lack of data. */
export const noDataTexts = ({ slo, preface }: RuleContext): AlertTexts => ({
  summary: `${slo.id}${slo.alerting.noData?.groups === true ? slo.groupBy.map(group).join("") : ""} is not measured any more`,
  description: [
    preface,
    "The query of its events gives nothing: the metric is gone, renamed or not scraped, or its rules are not evaluated.",
    "Until it is back nobody is paged for this objective.",
  ].join(" "),
});

/** Of a budget of which less is left than a share; the alert's value is what is left. */
export const budgetTexts = ({ slo, preface }: RuleContext, below: string): AlertTexts => ({
  summary: `${subject(slo)} has less than ${below} of its error budget left`,
  description: [
    preface,
    "{{ if gt $value 0.0 }}{{ $value | humanizePercentage }} of the budget is left.{{ else }}The budget is used up: the objective is missed by now.{{ end }}",
    "Nothing needs to be broken at this moment; let what could fail wait, and repair what fails most often.",
  ].join(" "),
});

/** A label that is there only when one group is told of. */
const group = (label: string): string => `{{ with $labels.${label} }} ${label} {{ . }}{{ end }}`;

const subject = ({ id, groupBy }: Slo): string => {
  const groups = groupBy.map((label) => `${label} {{ $labels.${label} }}`);
  return groups.length === 0 ? id : `${id} (${groups.join(", ")})`;
};

/** A template's query for what is left of the budget of the alert's group, with room for one more value. */
function query({ id, groupBy }: Slo, expression: (left: string) => string, value?: string): string {
  const groups = groupBy.map((label) => `,${label}=%q`).join("");
  const format = expression(`${BUDGET_LEFT}{${ID_LABEL}="${id}"${groups}}`);
  const values = [...groupBy.map((label) => `$labels.${label}`), ...(value === undefined ? [] : [value])];
  return `query (${["printf", `\`${format}\``, ...values].join(" ")})`;
}
