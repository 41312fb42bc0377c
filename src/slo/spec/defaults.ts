import { days } from "../../core/duration.ts";
import { SLO_ALERTS } from "../../core/slo-alerts.ts";
import type { SloAlerting, SloWindow } from "../model.ts";

/** The window of an SLO that names none. */
export const WINDOW: SloWindow = { kind: "rolling", length: days(30) };

/**
 * One name for all burn rate alerts: which SLO it is stands in the labels, and one runbook and one route serve them
 * all.
 */
export const ALERT_NAME = SLO_ALERTS.burn.name;

/**
 * How many failures must stand behind a burn rate alert. One never pages: on a quiet night it is an error ratio of 100
 * %, and nothing that a person could act on. Two do, since `increase` never tells less than what was counted, and an
 * outage of even a service with six requests in an hour should not wait longer than it must. Who has clients that retry
 * sets three or more. No number of events is asked for by default: a total outage of a service that is seldom asked is
 * an outage.
 */
const MINIMUM = { events: 0, failures: 2 } as const;
const NO_MINIMUM = { events: 0, failures: 0 } as const;

/**
 * The least that must have happened, where a query tells how many events there were; elsewhere nothing can be asked
 * for.
 */
export const minimumFor = (countsEvents: boolean) => (countsEvents ? MINIMUM : NO_MINIMUM);

const NO_DATA = { severity: SLO_ALERTS.noData.severity };

/** An SLO that raises alerts also says when it can not be measured any more. */
export const noDataFor = (page: { enabled: boolean }, ticket: { enabled: boolean }): SloAlerting["noData"] =>
  page.enabled || ticket.enabled ? NO_DATA : undefined;
