import type { VNode } from "preact";
import type { SloAlertNow } from "../../app/slo/alerts.ts";
import type { SloSummary } from "../../app/slo/list-slos.ts";
import { SLO_ALERTS } from "../../core/slo-alerts.ts";
import { inWords } from "../../lib/times.ts";
import { html } from "./page.ts";

/** A share in percent, to the digit that matters to a person. */
export const percentText = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** A percentage that is close to 100, whole. */
export const objectiveText = (objective: number): string => `${Number((objective * 100).toPrecision(7))} %`;

/** What the colour of a budget goes by. */
type Standing = Pick<SloSummary, "budgetRemaining" | "state"> & Partial<Pick<SloSummary, "allow">>;

/** The colour of a budget, wherever it is told: by the state that the policy gives it. */
export function moodOf({ budgetRemaining: left, state, allow }: Standing): "ok" | "wait" | "bad" | "soft" {
  if (state === "unknown" || left === null) return "soft";
  if (left <= 0 || allow === false) return "bad";
  return state === "healthy" ? "ok" : "wait";
}

/** What is left of a budget, as a bar and in words; where too little is known of it, how long it was measured. */
export function leftText(of: Standing & Pick<SloSummary, "measuredSeconds">): VNode {
  const { budgetRemaining: left, measuredSeconds: measured } = of;
  if (left === null) {
    const why =
      measured === null ? "" : measured === 0 ? ": nothing measured" : `: measured for ${inWords(measured * 1_000)}`;
    return html`<span class="soft">not known${why}</span>`;
  }
  const width = Math.min(100, Math.max(0, left * 100));
  const words = left < 0 ? `${percentText(-left)} over` : percentText(left);
  return html`<span class=${`budget ${moodOf(of)}`}
    ><span class="left" aria-hidden="true"><i style=${`width: ${width.toFixed(0)}%`}></i></span> ${words}</span
  >`;
}

/** How many times too fast a budget burns. */
export function burnText(burn: number | null): VNode {
  if (burn === null) return html`<span class="soft">not known</span>`;
  return html`<span class=${burn > 1 ? "wait" : ""}>${Number(burn.toPrecision(3))}x</span>`;
}

/** Until when a budget lasts at the rate of the last hour. */
export function lastsText({
  exhaustedInSeconds: left,
  budgetRemaining,
}: Pick<SloSummary, "exhaustedInSeconds" | "budgetRemaining">): string {
  if (budgetRemaining === null) return "";
  if (left === null) return "the whole window";
  return left === 0 ? "used up" : inWords(left * 1_000);
}

/** The state of a policy, in its colour. */
export const stateText = (of: Standing): VNode =>
  html`<span class=${moodOf(of)}>${of.state === "unknown" ? "not known" : of.state}</span>`;

/** The alert of a budget that burns has the name that its owner gives it. */
function runbookOf(kind: string): string {
  const { burn, noData, low } = SLO_ALERTS;
  return (kind === "no_data" ? noData : kind === "budget" ? low : burn).name;
}

/** Alerts that Prometheus has now, one below the other. */
export function alertsText(alerts: readonly SloAlertNow[] | null): VNode {
  if (alerts === null) return html`<span class="soft">not known</span>`;
  return html`<span
    >${alerts.map(({ name, state, severity, kind }) => {
      const mood = state === "pending" ? "soft" : severity === "critical" ? "bad" : "wait";
      return html`<div>
        <a class=${`plain ${mood}`} href=${`/runbooks/${runbookOf(kind)}`}
          >${kind === "" ? name : kind.replace("_", " ")}</a
        >
        <span class="soft"> ${state === "pending" ? "pending" : "fires"}</span>
      </div>`;
    })}</span
  >`;
}

/** `country="de", route="/pay"`. */
export const groupText = (group: Readonly<Record<string, string>>): string =>
  Object.entries(group)
    .map(([label, value]) => `${label}="${value}"`)
    .join(", ");
