import type { DeliveryStore } from "../../core/delivery-store.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { EvidenceStore } from "../../core/evidence-store.ts";
import type { Inhibition, Relation } from "../../core/pack.ts";
import type { PrometheusSettings } from "../prometheus.ts";

/** What evidence is looked for with. */
export interface DeskOptions {
  readonly evidence: EvidenceConfig;
  readonly prometheus: PrometheusSettings | undefined;
  /** Watchkeeper's own address, without a slash at the end; undefined where nobody knows it. */
  readonly externalUrl: string | undefined;
  /** How things hang together, from the packs. */
  readonly relations: readonly Relation[];
  /** Which alerts say nothing new beside others, from the packs. */
  readonly inhibitions: readonly Inhibition[];
  /** Alerts, and where bundles are kept; without it none is, and no alert is found. */
  readonly store: DeskStore | undefined;
}

/** What of the store evidence needs. */
export type DeskStore = EvidenceStore & Pick<DeliveryStore, "groups" | "group">;
