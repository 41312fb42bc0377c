import { DateTime } from "luxon";
import { days, hours, minutes } from "../../core/duration.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import type { SloWindow } from "../model.ts";
import type { Findings } from "./findings.ts";
import { lengthOfShorthand, type Shorthand } from "./openslo-fields.ts";
import type { OpenSloSlo } from "./openslo-schema.ts";

type Written = NonNullable<OpenSloSlo["timeWindow"]>[number];

/** The window that is written at a path, or the one for SLOs that name none; undefined after a finding. */
export function openSloWindow(
  written: Written | undefined,
  path: YamlPath,
  findings: Findings,
  otherwise: SloWindow,
): SloWindow | undefined {
  if (written === undefined) return otherwise;
  const { duration, isRolling, calendar } = written;
  if (calendar == null) {
    if (isRolling !== false) return rolling(duration, [...path, "duration"], findings);
    findings.error("shape", path, "needs a calendar, or isRolling: true");
    return undefined;
  }
  if (isRolling !== true) return aligned(duration, calendar, path, findings);
  findings.error("shape", [...path, "calendar"], "stands beside isRolling: true: keep one");
  return undefined;
}

function rolling(duration: Shorthand, path: YamlPath, findings: Findings): SloWindow | undefined {
  const length = lengthOfShorthand(duration);
  if (length >= hours(1) && length <= days(366) && length % minutes(5) === 0) return { kind: "rolling", length };
  findings.error("unsupported", path, "must be 1h to 366d in steps of 5m");
  return undefined;
}

/** What are units of the calendar. */
const CALENDAR: Readonly<Record<string, "week" | "month" | "quarter" | "year">> = {
  "1w": "week",
  "7d": "week",
  "1M": "month",
  "1Q": "quarter",
  "3M": "quarter",
  "1Y": "year",
  "4Q": "year",
  "12M": "year",
};

const BEGINNINGS = {
  week: "on a Monday",
  month: "on the first of a month",
  quarter: "on the first of January, April, July or October",
  year: "on the first of January",
};

function aligned(
  { count, unit: letter }: Shorthand,
  { startTime, timeZone }: NonNullable<Written["calendar"]>,
  path: YamlPath,
  findings: Findings,
): SloWindow | undefined {
  const unit = CALENDAR[`${count}${letter}`];
  if (unit === undefined) {
    findings.error(
      "unsupported",
      [...path, "duration"],
      "is no unit of the calendar that is counted here: take 1w, 1M, 1Q or 1Y, or a rolling window",
    );
    return undefined;
  }
  const start = DateTime.fromSQL(startTime, { zone: timeZone });
  const at = [...path, "calendar", "startTime"];
  if (!start.isValid) findings.error("shape", at, "is no time: write it as 2026-01-01 00:00:00");
  else if (start.startOf(unit).equals(start)) return { kind: "calendar", unit, timeZone };
  else
    findings.error(
      "unsupported",
      at,
      `is in the middle of a ${unit}: a ${unit} begins ${BEGINNINGS[unit]} at 00:00:00 here; begin it there, or take a rolling window`,
    );
  return undefined;
}
