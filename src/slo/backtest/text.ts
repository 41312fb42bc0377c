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
    `  ${ofNumber(pages.length, "page")}, ${ofNumber(told.length, "ticket")}${quietText(tickets.length - told.length)}`,
    ...pages.map((firing) => `  page    ${firingText(firing, span.to)}`),
    ...told.map((firing) => `  ticket  ${firingText(firing, span.to)}`),
  ].join("\n");
}

const ofNumber = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Tickets that Alertmanager would not have sent. */
const quietText = (number: number): string =>
  number === 0 ? "" : `; ${number} more ${number === 1 ? "ticket" : "tickets"} not sent, since a page was firing`;

function budgetText({ left, ratio, coverage, span }: Backtest): string {
  if (left === undefined) return "not known, nothing was measured";
  const failed = ratio === undefined ? "no events" : `${percent(ratio)} failed`;
  const gap = coverage < 1 ? `, ${percent(coverage)} of the time measured` : "";
  const length = inWords((span.to - span.from) * 1_000);
  const state = left < 0 ? `overspent by ${percent(-left)}` : `${percent(left)} left`;
  return `${state}, as if the window were these ${length}; ${failed}${gap}`;
}

function firingText({ from, to, long, short, peakBurn }: Firing, end: number): string {
  const lasted = inWords(inMs(to ?? end) - inMs(from));
  const until = to === undefined ? `for ${lasted}, still at the end` : `for ${lasted}`;
  return `${moment(inMs(from))} ${until}, by ${formatDuration(long)} and ${formatDuration(short)}, at most ${peakBurn.toFixed(1)} times too fast`;
}

const inMs = (unixSeconds: number): number => seconds(unixSeconds);
