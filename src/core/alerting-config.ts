import type { Duration } from "./duration.ts";
import type { LabelMatcher } from "./label-matcher.ts";
import type { Destination } from "./notifier.ts";
import type { Route, TimeInterval } from "./routing.ts";
import type { Secret } from "./secret.ts";

/** A secret as the configuration gives it: hand it to `readSecret`. */
export interface SecretRef {
  readonly value: Secret | undefined;
  readonly file: string | undefined;
}

/** What a webhook's sender may show to be let in. */
export type SourceCredential =
  | { readonly type: "bearer"; readonly token: SecretRef }
  | { readonly type: "basic"; readonly username: string; readonly password: SecretRef }
  | {
      readonly type: "hmac";
      readonly secret: SecretRef;
      /** Lower-case name of the header with the signature in hexadecimal, `sha256=` before it or not. */
      readonly header: string;
      /** Lower-case name of the header with Unix seconds that are signed too, as `<timestamp>:<body>`. */
      readonly timestampHeader: string | undefined;
    };

/** The API of the Alertmanager (or the replicas of one) that a source's webhooks come from. */
export interface AlertmanagerApi {
  readonly urls: readonly string[];
  readonly every: Duration;
  readonly caFile: string | undefined;
  readonly login: Exclude<SourceCredential, { type: "hmac" }> | undefined;
}

/** An alert that always fires, and how long its absence is borne. */
export interface Watchdog {
  readonly matchers: readonly LabelMatcher[];
  /** How often its notification arrives: the `repeat_interval` of its route in Alertmanager. */
  readonly every: Duration;
  readonly misses: number;
}

/** Somebody who sends webhooks. */
export interface AlertSource {
  readonly name: string;
  /** None: only a server that is bound to loopback takes notifications then. */
  readonly credentials: readonly SourceCredential[];
  readonly alertmanager: AlertmanagerApi | undefined;
  readonly watchdog: Watchdog | undefined;
}

/** When a destination's new conversations are summed up instead of told one by one. */
export interface StormConfig {
  /** New conversations of one destination in a minute above which a storm begins. */
  readonly newPerMinute: number;
}

/** The section `alerting` of the configuration. */
export interface AlertingConfig {
  readonly sources: readonly AlertSource[];
  readonly destinations: readonly Destination[];
  readonly route: Route;
  readonly timeIntervals: readonly TimeInterval[];
  readonly storm: StormConfig;
  /** Destinations that are told when a message could not be delivered elsewhere; may be empty. */
  readonly fallback: readonly string[];
  /** Where to show every now and then that deliveries work; a GET. */
  readonly deadMan: { readonly url: SecretRef; readonly every: Duration } | undefined;
  /** How long closed groups are kept, and notifications and attempts. */
  readonly retention: { readonly groups: Duration; readonly journal: Duration };
}

/** Where deliveries are kept. */
export type StoreConfig =
  { readonly type: "sqlite"; readonly path: string } | { readonly type: "postgres"; readonly url: SecretRef };
