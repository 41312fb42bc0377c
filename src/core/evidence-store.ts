import type { Bundle } from "./evidence.ts";
import type { Change, TimeWindow } from "./telemetry.ts";

/** The durable state of evidence, in the store of alert delivery. Rejects with `StoreUnavailable`. */
export interface EvidenceStore {
  saveBundle(bundle: Bundle): Promise<void>;
  /** By its id; undefined when there is none (any more). */
  bundle(id: string): Promise<Bundle | undefined>;
  /** The newest first; of one group, or of all. Without what is large: no items' points, no queries. */
  bundles(filter: { readonly groupId?: string; readonly limit: number }): Promise<readonly BundleHead[]>;
  /** Keeps a change that was told by the API. The same one told twice (all fields equal) is kept once. */
  saveChange(change: Change): Promise<void>;
  /** In the order of time. */
  changes(window: TimeWindow, limit: number): Promise<readonly Change[]>;
  /** Deletes what is older (Unix milliseconds). Gives the number of rows. */
  pruneEvidence(before: number): Promise<number>;
}

/** A bundle in a list. */
export interface BundleHead {
  readonly id: string;
  readonly createdAt: number;
  readonly groupId?: string;
  /** What it is about, such as `CheckoutDown` or `service shop`. */
  readonly about: string;
  /** How many items stand out. */
  readonly significant: number;
}
