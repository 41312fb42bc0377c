import { DateTime, IANAZone } from "luxon";
import { days, hours, inSeconds, parseDuration } from "../../../core/duration.ts";
import { prometheusSource } from "../../../slo/budget/prometheus-source.ts";
import { reportHtml } from "../../../slo/report/html.ts";
import { reportJson } from "../../../slo/report/json.ts";
import { reportMarkdown } from "../../../slo/report/markdown.ts";
import { reportPeriod, type ReportPeriod } from "../../../slo/report/period.ts";
import { reportOn } from "../../../slo/report/report.ts";
import { withChosen, type ChosenOptions } from "./chosen.ts";
import { print, usage } from "./specs.ts";
import { putFile } from "./write-rules.ts";

/** What `watchkeeper slo report` is asked. */
export interface ReportOptions extends ChosenOptions {
  readonly format: string;
  /** Length until now, such as `30d`. */
  readonly last?: string;
  /** `2026-11`; without it and `last` the month before this one. */
  readonly month?: string;
  readonly timeZone: string;
  /** File; standard output unless given. */
  readonly out?: string;
}

const FORMATS = { markdown: reportMarkdown, html: reportHtml, json: reportJson } as const;

/** Writes a report. Throws `ConfigError`, `CollectError`. */
export async function report({ format, out, ...options }: ReportOptions): Promise<void> {
  if (!Object.hasOwn(FORMATS, format)) throw usage(`--format is ${Object.keys(FORMATS).join(", ")}, not ${format}`);
  const render = FORMATS[format as keyof typeof FORMATS];
  const at = Math.floor(Date.now() / 1_000);
  const period = periodOf(options, at);
  const text = await withChosen(options, async ({ read, slos, prometheus: { target } }) => {
    const exclusions = read.config?.slo?.exclusions ?? [];
    return render(await reportOn(slos, { source: prometheusSource(target), period, exclusions, at }));
  });
  if (out === undefined) process.stdout.write(text);
  else {
    putFile(out, [text]);
    print(`wrote ${out}`);
  }
}

function periodOf(
  { last, month, timeZone }: Pick<ReportOptions, "last" | "month" | "timeZone">,
  now: number,
): ReportPeriod {
  if (last !== undefined && month !== undefined) throw usage("--last and --month stand beside each other: keep one");
  if (!IANAZone.isValidZone(timeZone))
    throw usage(`--time-zone is an IANA name such as Europe/Berlin, not ${timeZone}`);
  if (last !== undefined) {
    const length = parseDuration(last);
    if (length === undefined || length < hours(1) || length > days(400))
      throw usage(`--last is a duration from 1h to 400d, not ${last}`);
    return reportPeriod({ kind: "rolling", length }, now);
  }
  const window = { kind: "calendar", unit: "month", timeZone } as const;
  if (month === undefined) return reportPeriod(window, now);
  const begin = DateTime.fromFormat(month, "yyyy-MM", { zone: timeZone });
  if (!begin.isValid) throw usage(`--month is a month such as 2026-11, not ${month}`);
  if (begin.toSeconds() > now) throw usage(`--month ${month} has not begun`);
  const after = begin.plus({ month: 1 }).toSeconds();
  return after <= now ? reportPeriod(window, after + inSeconds(hours(1))) : reportPeriod(window, now, "current");
}
