import { days, formatDuration, inSeconds, parseDuration } from "../../../core/duration.ts";
import { backtestSlo, type Backtest } from "../../../slo/backtest/backtest.ts";
import { printBacktest } from "../../../slo/backtest/text.ts";
import type { Span } from "../../../slo/budget/spans.ts";
import { withChosen, type ChosenOptions } from "./chosen.ts";
import { print, printJson, talk, usage } from "./specs.ts";

/** What `watchkeeper slo backtest` is asked. */
export interface BacktestOptions extends ChosenOptions {
  readonly last: string;
  /** End of the time, RFC 3339; now unless given. */
  readonly until?: string;
  /** Percentages, with commas between them. */
  readonly objective?: string;
  readonly json?: boolean;
}

/** Prints what alerts would have told of a past time. Throws `ConfigError`, `CollectError`. */
export async function backtest({ last, until, objective, json = false, ...options }: BacktestOptions): Promise<void> {
  const span = spanOf(last, until);
  const objectives = objective?.split(",").map(objectiveOf);
  const tests = await withChosen(options, async ({ read, slos, prometheus: { target } }) => {
    const found: Backtest[] = [];
    const exclusions = read.config?.slo?.exclusions;
    for (const slo of slos) {
      const one = await backtestSlo(slo, { slos: read.slos, target, span, objectives, exclusions });
      if (one.length === 0) talk(`${slo.id}: nothing was measured in this time`);
      if (!json) for (const test of one) print(printBacktest(test));
      found.push(...one);
    }
    return found;
  });
  if (json) printJson({ backtests: tests.map(forMachines) });
}

/** What is not known is null; lengths are texts such as `1h`. */
const forMachines = (test: Backtest): object => ({
  ...test,
  ratio: test.ratio ?? null,
  left: test.left ?? null,
  pages: test.pages.map(firing),
  tickets: test.tickets.map(firing),
});

const firing = <F extends Backtest["pages"][number]>(of: F): object => ({
  ...of,
  to: of.to ?? null,
  long: formatDuration(of.long),
  short: formatDuration(of.short),
});

function spanOf(last: string, until: string | undefined): Span {
  const length = parseDuration(last);
  if (length === undefined || length <= 0 || length > days(400))
    throw usage(`--last is a duration such as 7d, 400d at most, not ${last}`);
  const end = until === undefined ? Date.now() : Date.parse(until);
  if (Number.isNaN(end)) throw usage(`--until is a moment such as 2026-12-01T00:00:00Z, not ${until ?? ""}`);
  const to = Math.floor(end / 1_000);
  return { from: to - inSeconds(length), to };
}

function objectiveOf(text: string): number {
  const percent = text.trim().replace(/ ?%$/, "");
  // the nearest number to what is written, not that divided by 100
  const share = /^\d+(?:\.\d+)?$/.test(percent) ? Number(`${percent}e-2`) : Number.NaN;
  if (share > 0 && share < 1) return share;
  throw usage(`--objective is a percentage above 0 and below 100 such as 99.5, not ${text}`);
}
