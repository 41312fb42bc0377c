import { minutes, type Duration } from "../../core/duration.ts";
import type { SloAlert, SloAlerting, SloWindow, Tier } from "../model.ts";
import { lengthOf } from "../tiers.ts";
import { ALERT_NAME, noDataFor } from "./defaults.ts";
import type { OwnSlo } from "./own-schema.ts";

type OwnAlerts = NonNullable<OwnSlo["alerts"]>;

/** Alerting of an SLO; what it does not say is taken from the file's defaults, labels and annotations one by one. */
export function ownAlerting(defaults: OwnAlerts = {}, own: OwnAlerts = {}, window: SloWindow): SloAlerting {
  const both = { ...defaults, ...own };
  const [page, ticket] = [ownAlert("page", defaults, own), ownAlert("ticket", defaults, own)];
  return {
    name: both.name ?? ALERT_NAME,
    page,
    ticket,
    noData: noData({ ...defaults.no_data, ...own.no_data }, noDataFor(page, ticket)),
    budgetLeft: (both.budget_left ?? []).map((one) =>
      typeof one === "number" ? { below: one, severity: "warning" } : { severity: "warning", ...given(one) },
    ),
    tiers: both.tiers?.map((tier) => ownTier(tier, window)),
  };
}

/** Without the keys that are there but undefined. */
const given = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

function ownAlert(which: "page" | "ticket", defaults: OwnAlerts, own: OwnAlerts): SloAlert {
  return {
    enabled: own[which]?.enabled ?? defaults[which]?.enabled ?? true,
    labels: { ...defaults.labels, ...defaults[which]?.labels, ...own.labels, ...own[which]?.labels },
    annotations: {
      ...defaults.annotations,
      ...defaults[which]?.annotations,
      ...own.annotations,
      ...own[which]?.annotations,
    },
  };
}

function noData(
  { enabled, severity, groups }: NonNullable<OwnAlerts["no_data"]>,
  otherwise: SloAlerting["noData"],
): SloAlerting["noData"] {
  if (enabled === false) return undefined;
  const isWanted = enabled === true || otherwise !== undefined;
  if (!isWanted) return undefined;
  return { severity: severity ?? otherwise?.severity ?? "warning", ...(groups === true && { groups }) };
}

function ownTier(written: NonNullable<OwnAlerts["tiers"]>[number], window: SloWindow): Tier {
  const { alert, long, short = twelfth(long), factor, budget = 0 } = written;
  return {
    alert,
    long,
    short,
    factor: factor ?? Number(((budget * lengthOf(window)) / long).toPrecision(4)),
    for: written.for ?? minutes(alert === "page" ? 0 : 15),
    keepFiringFor: written.keep_firing_for ?? minutes(15),
  };
}

/** The short window that goes with a long one when none is written: a twelfth of it, 5 minutes at least. */
export const twelfth = (long: Duration): Duration => minutes(Math.max(5, Math.ceil(long / 12 / minutes(1))));
