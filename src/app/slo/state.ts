import type { SloSettings } from "../../config/slo-schema.ts";
import type { Budgets } from "../../slo/budget/read.ts";
import type { HistorySource, TallySource } from "../../slo/budget/source.ts";
import type { GateAnswer } from "../../slo/gate.ts";
import type { Slo } from "../../slo/model.ts";
import type { Policy } from "../../slo/policy/schema.ts";
import type { SloAlertNow } from "./alerts.ts";
import type { AuditLog } from "./audit.ts";
import type { Specs } from "./specs.ts";

/**
 * What is known of all SLOs since the last look: of each its budgets, or why they could not be read though others
 * could.
 */
export interface SloSnapshot extends Budgets {
  /** When Prometheus was asked, Unix seconds. */
  readonly at: number;
  /** What a gate without a question of its own says. */
  readonly answers: ReadonlyMap<string, GateAnswer>;
  /** By id; undefined when they could not be read. */
  readonly alerts: ReadonlyMap<string, readonly SloAlertNow[]> | undefined;
}

/** The SLOs of the configuration in use, with what is known of them. */
export interface SloState {
  readonly config: SloSettings;
  readonly specs: Specs;
  readonly byId: ReadonlyMap<string, Slo>;
  readonly policy: Policy;
  readonly source: HistorySource & TallySource;
  readonly audit: AuditLog;
  /** Undefined until Prometheus answered once. */
  readonly snapshot: SloSnapshot | undefined;
  /** Why the last look failed, as a sentence; undefined when it did not. */
  readonly trouble: string | undefined;
}
