import type { Duration } from "../core/duration.ts";

/**
 * One service level objective in the words of this engine, whatever format it was written in. Everything after the
 * readers (validation, rules, tests, budget) knows only this.
 */
export interface Slo {
  /** Unique: `<service>-<name>` unless the format gives one. Letters, digits, `-`, `_`; 128 at most. */
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly description: string;
  /** What its owner wrote beside it (team, tier). On the info metric and on alerts, never on recorded series. */
  readonly labels: Readonly<Record<string, string>>;
  /** Share of events that shall be good: above 0, below 1. */
  readonly objective: number;
  readonly window: SloWindow;
  readonly sli: Sli;
  /** Labels of the events that each get a budget of their own; empty for one budget. */
  readonly groupBy: readonly string[];
  /** Counts stretches of time instead of events; undefined for events. */
  readonly timeslices: Timeslices | undefined;
  /**
   * What must have happened in an alert's long window before it may fire, so that one failure on a quiet night does not
   * page.
   */
  readonly minimum: { readonly events: number; readonly failures: number };
  readonly alerting: SloAlerting;
  readonly source: SloSource;
}

/** Where an SLO was written; `line` and `column` count from 1. */
export interface SloSource {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly format: "watchkeeper" | "sloth" | "sloth-crd" | "openslo" | "pyrra";
}

/** The time over which the budget counts. */
export type SloWindow =
  | { readonly kind: "rolling"; readonly length: Duration }
  | {
      readonly kind: "calendar";
      readonly unit: "week" | "month" | "quarter" | "year";
      /** IANA name such as Europe/Berlin. */
      readonly timeZone: string;
    };

/** A window counts as bad when more of its events failed than `1 - objective`; the budget then counts slices. */
export interface Timeslices {
  /** A multiple of 5 minutes, one hour at most. */
  readonly length: Duration;
  /** Share of good events that makes a slice good. */
  readonly objective: number;
}

/**
 * PromQL with a window left open, written `$window` (sloth: `{{.window}}`): `sum(rate(http_requests_total[$window]))`.
 * Already parsed once; `at` fills a window in.
 */
export interface WindowedPromql {
  readonly text: string;
  at(window: string): string;
}

/** What is measured. Every kind but `composite` becomes two queries: events, and those of them that failed. */
export type Sli =
  | {
      readonly kind: "events";
      readonly total: WindowedPromql;
      /** Failed events; a series that is not there is 0 failures. */
      readonly errors: WindowedPromql;
    }
  /** Only a ratio is known, so that every 5 minutes weigh the same: the budget is one of time. */
  | { readonly kind: "ratio"; readonly errorRatio: WindowedPromql }
  | {
      readonly kind: "composite";
      readonly method: "occurrences" | "timeslices" | "ratio_timeslices" | "worst";
      readonly members: readonly { readonly sloId: string; readonly weight: number }[];
    };

/** Which alerts are written and how. */
export interface SloAlerting {
  /** Name of the burn rate alerts. */
  readonly name: string;
  readonly page: SloAlert;
  readonly ticket: SloAlert;
  /** Undefined: none. With `groups` also for one group that is gone while others are measured. */
  readonly noData: { readonly severity: AlertSeverity; readonly groups?: true } | undefined;
  /** Shares of the budget left at which an alert is raised, such as 0.1. */
  readonly budgetLeft: readonly { readonly below: number; readonly severity: AlertSeverity }[];
  /** The table of the engine unless given. */
  readonly tiers: readonly Tier[] | undefined;
}

/** Severity of an alert, as everywhere in Watchkeeper. */
export type AlertSeverity = "critical" | "warning" | "info";

/** The page or the ticket. */
export interface SloAlert {
  readonly enabled: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One row of a burn rate table: both windows must burn faster than `factor` times what the budget allows. */
export interface Tier {
  readonly alert: "page" | "ticket";
  readonly long: Duration;
  readonly short: Duration;
  readonly factor: number;
  readonly for: Duration;
  readonly keepFiringFor: Duration;
}

/** One rule of a group, as plain data. */
export type SloRule =
  | { readonly record: string; readonly expr: string; readonly labels: Readonly<Record<string, string>> }
  | {
      readonly alert: string;
      readonly expr: string;
      readonly for?: string;
      readonly keep_firing_for?: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };

/** A group of rules; they are evaluated one after the other, so that later ones see what earlier ones recorded. */
export interface SloRuleGroup {
  readonly name: string;
  /** `30s`; the server's own interval without it. */
  readonly interval?: string;
  readonly rules: readonly SloRule[];
}

/** A fault of a specification or something that should be known before it is used. */
export interface SloFinding {
  /** A name such as `dead-tier`, one section of docs/slo-checks.md each. */
  readonly check: string;
  readonly severity: "error" | "warning";
  readonly source: SloSource;
  /** Dotted path in the file, such as `slos.0.objective`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What a reader gives: the SLOs that could be read, and the findings about those that could not. */
export interface SloReading {
  readonly slos: readonly Slo[];
  readonly findings: readonly SloFinding[];
  /** Ids that SLOs with errors seem to have, as far as that can be told. */
  readonly unread?: readonly string[];
}
