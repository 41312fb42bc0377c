import { formatDuration, seconds } from "../../core/duration.ts";
import { inWords, moment } from "../../lib/times.ts";
import { percent } from "../percent.ts";
import type { Backtest } from "./backtest.ts";
import type { Firing } from "./evaluate.ts";

/** A backtest for people: what would have fired, when and for how long, and what of the budget would be left. */
export function printBacktest(test: Backtest): string {
  const { sloId, group, objective, span, pages, tickets } = test;
  const labels = Object.entries(group).map(([label, value]) => `${label}="${value}"`);
  const told = tickets.filter(({ inhibited }) => !inhibited);
  return [
    `${sloId}${labels.length === 0 ? "" : ` {${labels.join(", ")}}`} at ${percent(objective)}, ${moment(span.from * 1_000)} to ${moment(span.to * 1_000)}`,
    `  budget: ${budgetText(test)}`,
    `  pages: ${pages.length}, tickets: ${told.length}${told.length === tickets.length ? "" : ` and ${tickets.length - told.length} that a page would have kept quiet`}`,
    ...pages.map((firing) => `  page    ${firingText(firing, span.to)}`),
    ...told.map((firing) => `  ticket  ${firingText(firing, span.to)}`),
  ].join("\n");
}

function budgetText({ left, ratio, coverage, span }: Backtest): string {
  if (left === undefined) return "not known, nothing was measured";
  const failed = ratio === undefined ? "no events" : `${percent(ratio)} failed`;
  const gap = coverage < 1 ? `, ${percent(coverage)} of the time measured` : "";
  const length = inWords((span.to - span.from) * 1_000);
  return `${left < 0 ? `overspent by ${percent(-left)}` : `${percent(left)} left`} of that of ${length}, ${failed}${gap}`;
}

function firingText({ from, to, long, short, peakBurn }: Firing, end: number): string {
  const lasted = inWords(inMs(to ?? end) - inMs(from));
  const until = to === undefined ? `for ${lasted}, still at the end` : `for ${lasted}`;
  return `${moment(inMs(from))} ${until}, by ${formatDuration(long)} and ${formatDuration(short)}, at most ${peakBurn.toFixed(1)} times too fast`;
}

const inMs = (unixSeconds: number): number => seconds(unixSeconds);
