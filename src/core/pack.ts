import type { z } from "zod";
import type { Alert } from "./alert.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Duration } from "./duration.ts";
import type { EntityKind } from "./entity-kinds.ts";
import type { CollectError } from "./errors.ts";
import type { Metric, MetricKind, Reading } from "./metric.ts";
import type { AlertHead } from "./own-alerts.ts";
import type { Signal } from "./signal.ts";
import type { TargetConfig } from "./config-fields.ts";

/** The named metrics that a pack declares. */
export type MetricTable = Readonly<Record<string, Metric>>;

/** What a part gets for one poll. */
export interface CollectContext {
  /** Records one value of one of the part's metrics; unknown (undefined, null, NaN) is left out. */
  record<L extends string>(metric: Metric<MetricKind, L>, labels: Readonly<Record<L, string>>, value: Reading): void;
  /**
   * Notes that one piece of the target (a node, a disk) could not be read while the rest could: the reason is counted
   * and shown, the piece's series stay absent, and the poll goes on. One that tells nothing else has failed.
   */
  missing(piece: string, error: CollectError): void;
  /** Notes that one piece was read, whether there was anything to record of it or not. */
  wasRead(): void;
  /** Aborted when the part's deadline ends or the service stops. */
  readonly signal: AbortSignal;
}

/** Names one part of one target: what is polled, replaced and becomes stale together. */
export interface PartKey {
  readonly collector: string;
  readonly target: string;
  readonly part: string;
}

/** One piece of a collector with its own pace. Throws `CollectError` when it failed, `NoData` when there is nothing. */
export interface Part<Client> {
  readonly id: string;
  readonly title: string;
  readonly every: Duration;
  /** The poll is aborted and counted as `timeout` after this long. */
  readonly deadline: Duration;
  /** The metrics of this part; a metric belongs to exactly one part. */
  readonly metrics: MetricTable;
  /**
   * Those of its metrics that tell how the poll went, such as whether the server answers. A poll that has pieces
   * missing and tells nothing else has failed; these are shown all the same.
   */
  readonly outcomeMetrics?: readonly Metric[];
  /** What was recorded before it throws is dropped; where one piece fails and the rest stands, it calls `missing`. */
  collect(client: Client, context: CollectContext): Promise<void>;
}

/** One line of `watchkeeper check --connect`. */
export interface Finding {
  /** What was looked at, such as a node's URL or a permission. */
  readonly subject: string;
  readonly ok: boolean;
  /** What was found and, when not ok, what to do. */
  readonly message: string;
  /** Names of the metrics that stay absent because of it. */
  readonly hides?: readonly string[];
}

/** Something that a pack ships for its users, written by `watchkeeper generate`. */
export interface Artifact {
  /** Path from the root of the repository. */
  readonly path: string;
  render(): string;
}

/**
 * How one kind of system is read. `Config` is the parsed configuration of one target, `Client` what its parts share.
 */
export interface CollectorDefinition<Config extends TargetConfig, Client> {
  /** Key under `targets` in the configuration and value of the `collector` label. */
  readonly id: string;
  readonly title: string;
  /** A strict object that spreads {@link targetFields}. */
  readonly config: z.ZodType<Config>;
  readonly parts: readonly Part<Client>[];
  /** Builds what the parts share: reads files, opens no connection. Throws `CollectError`. */
  connect(config: Config): Promise<Client>;
  /** Lets go of connections and timers. */
  disconnect(client: Client): Promise<void>;
  /** Looks whether the target is reachable and authorised, and what each missing permission hides. */
  check(client: Client, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** A collector whose types are closed over by {@link defineCollector}, so that one table can hold many of them. */
export interface Collector {
  readonly id: string;
  readonly title: string;
  /** Parses one entry of `targets.<id>` into a target that can be opened. */
  readonly target: z.ZodType<Target>;
  readonly parts: readonly PartDescription[];
}

/** A part without its client. */
export type PartDescription = Omit<Part<never>, "collect">;

/** One configured target. */
export interface Target extends TargetConfig {
  readonly collector: string;
  /** The parsed configuration; secrets in it print as `<redacted>`. */
  readonly config: TargetConfig;
  readonly parts: readonly PartDescription[];
  /** Builds the client. Throws `CollectError` when a file of the configuration can not be used. */
  open(): Promise<OpenTarget>;
}

/** A part of one opened target. */
export interface OpenPart extends PartDescription {
  /** Whose part it is. */
  readonly of: { readonly collector: string; readonly target: string };
  collect(context: CollectContext): Promise<void>;
}

/** One target that is ready to be polled. */
export interface OpenTarget {
  readonly parts: readonly OpenPart[];
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Closes a collector over its configuration and client types. */
export function defineCollector<Config extends TargetConfig, Client>(
  definition: CollectorDefinition<Config, Client>,
): Collector {
  const open = async (config: Config): Promise<OpenTarget> => {
    const client = await definition.connect(config);
    return {
      parts: definition.parts.map((part) => ({
        ...part,
        of: { collector: definition.id, target: config.name },
        collect: (context) => part.collect(client, context),
      })),
      check: (signal) => definition.check(client, signal),
      close: () => definition.disconnect(client),
    };
  };
  return {
    id: definition.id,
    title: definition.title,
    parts: definition.parts,
    target: definition.config.transform((config) => ({
      name: config.name,
      pace: config.pace,
      concurrency: config.concurrency,
      collector: definition.id,
      config,
      parts: definition.parts,
      open: () => open(config),
    })),
  };
}

/**
 * An alert that makes others needless while it fires, for Alertmanager's `inhibit_rules`: a dead node silences its
 * guests.
 */
export interface Inhibition {
  /** Name of the alert that tells it all. */
  readonly by: string;
  /** Names of the alerts that are not sent meanwhile. */
  readonly silences: readonly string[];
  /** Labels that the silenced ones have; without it they may have any. */
  readonly having?: Readonly<Record<string, string>>;
  /** Labels that both must have, with the same values. */
  readonly equal: readonly string[];
  /** One sentence: why the silenced ones say nothing new. */
  readonly because: string;
}

/**
 * What a metric tells of how things hang together: each of its series says that the thing named by `from` stands on, in
 * or beside that named by `to`, such as a guest on its node. Both are of the same target.
 */
export interface Relation {
  readonly metric: Metric;
  readonly from: RelationEnd;
  readonly to: RelationEnd;
  /** How it is said, such as `runs on`. */
  readonly says: string;
}

/** One end of a {@link Relation}. */
export interface RelationEnd {
  readonly kind: EntityKind;
  /** Label of the metric that names it, as people know it. */
  readonly label: string;
  /** Labels of the metric that find the thing's other series, such as `id` of a guest; `label` unless given. */
  readonly by?: readonly string[];
}

/** Everything Watchkeeper knows of one kind of system; the engines get `readonly Pack[]`. */
export interface Pack {
  /** Folder name under `src/collectors/` and file name of its rules. */
  readonly id: string;
  readonly title: string;
  readonly collector?: Collector;
  /** Metrics that the service keeps of itself; those of a collector are its parts'. */
  readonly selfMetrics?: MetricTable;
  /** Metrics that its signals ask for and others keep: Prometheus, its rules, the runtime. */
  readonly foreignMetrics?: MetricTable;
  readonly signals: Readonly<Record<string, Signal<string>>>;
  readonly alerts: readonly Alert<string>[];
  /**
   * Alerts without a rule in the pack, since Watchkeeper raises them by itself or writes their rules from
   * specifications; each has a runbook.
   */
  readonly ownAlerts?: readonly AlertHead[];
  readonly inhibitions?: readonly Inhibition[];
  readonly dashboards?: readonly Dashboard[];
  /** How its things hang together, so that an alert about one leads to its neighbours. */
  readonly relations?: readonly Relation[];
  readonly artifacts?: readonly Artifact[];
}
