import { checkAlertmanager } from "../alerting/repair/alertmanager-client.ts";
import { explainRoute, printExplanation, type RouteExplanation } from "../alerting/routing/explain-route.ts";
import { routeWarnings } from "../alerting/routing/route-warnings.ts";
import type { Config } from "../config/schema.ts";
import type { AlertingConfig } from "../core/alerting-config.ts";
import { asDeliveryError } from "../core/delivery-errors.ts";
import { ConfigError } from "../core/errors.ts";
import type { Finding } from "../core/pack.ts";
import type { Destination } from "../core/notifier.ts";
import type { Route } from "../core/routing.ts";
import { MatcherFault, parseLabels } from "../lib/matcher-text.ts";

/** What a section `alerting` amounts to. */
export interface AlertingSummary {
  readonly sources: number;
  readonly destinations: number;
  readonly routes: number;
  /** What is allowed but hardly meant. */
  readonly warnings: readonly string[];
}

/** Sums up the section `alerting`; undefined when there is none. */
export function summarizeAlerting({ alerting }: Config): AlertingSummary | undefined {
  if (alerting === undefined) return undefined;
  const { sources, destinations, route } = alerting;
  return {
    sources: sources.length,
    destinations: destinations.length,
    routes: countRoutes(route),
    warnings: routeWarnings(alerting),
  };
}

const countRoutes = ({ routes }: Route): number => routes.reduce((sum, route) => sum + countRoutes(route), 1);

/** The way of an alert through the routes, for machines and for people. */
export interface ExplainedRoute {
  readonly explanation: RouteExplanation;
  readonly text: string;
}

/**
 * Explains where an alert with the labels of a text such as `severity=critical,team=infra` goes at a moment. Throws
 * `ConfigError` when the text has no labels or there is no section `alerting`.
 */
export function explainLabels({ alerting, file }: Config, labelsText: string, at: Date): ExplainedRoute {
  if (alerting === undefined)
    throw new ConfigError([{ file, path: "", message: "has no section `alerting`, so there are no routes" }]);
  const explanation = explainRoute(alerting.route, labelsOf(labelsText), { timeIntervals: alerting.timeIntervals, at });
  return { explanation, text: printExplanation(explanation) };
}

function labelsOf(text: string): RouteExplanation["labels"] {
  try {
    return parseLabels(text);
  } catch (thrown) {
    if (!(thrown instanceof MatcherFault)) throw thrown;
    const message = `write labels such as severity=critical,team=infra: at column ${thrown.column}, ${thrown.message}`;
    throw new ConfigError([{ file: "--route", path: "", message }]);
  }
}

/** What was found of one destination. */
export interface CheckedDestination {
  readonly destination: string;
  readonly type: string;
  readonly findings: readonly Finding[];
}

/** Opens every destination and lets go of it again: its files are read, nothing is sent. */
export function checkDestinations(
  { destinations }: AlertingConfig,
  externalUrl: string,
): Promise<readonly CheckedDestination[]> {
  const open = async (destination: Destination): Promise<Finding> => {
    try {
      const notifier = await destination.open({ externalUrl });
      await notifier.close();
      return { subject: "open", ok: true, message: "its settings can be used; nothing was sent" };
    } catch (thrown) {
      const { reason, message } = asDeliveryError(thrown);
      return { subject: "open", ok: false, message: `${reason}: ${message}` };
    }
  };
  return Promise.all(
    destinations.map(async (one) => ({ destination: one.name, type: one.type, findings: [await open(one)] })),
  );
}

/** What was found of the Alertmanager of one source. */
export interface CheckedAlertmanager {
  readonly source: string;
  readonly findings: readonly Finding[];
}

/** Asks the Alertmanager of every source that names one (`alertmanager.urls`) for its status. */
export function checkAlertmanagers(
  { sources }: AlertingConfig,
  signal: AbortSignal,
): Promise<readonly CheckedAlertmanager[]> {
  const asked = sources.flatMap(({ name, alertmanager }) =>
    alertmanager === undefined ? [] : [{ name, alertmanager }],
  );
  return Promise.all(
    asked.map(async ({ name, alertmanager }) => ({
      source: name,
      findings: await checkAlertmanager(alertmanager, signal),
    })),
  );
}
