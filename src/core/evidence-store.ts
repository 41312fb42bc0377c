import type { Bundle } from "./evidence.ts";
import type { Change, TimeWindow } from "./telemetry.ts";

/** The largest bundle that is kept, as JSON: a database bears more, but whoever opens it has to read all of it. */
export const MOST_BUNDLE_BYTES = 8 * 1024 * 1024;

/** The durable state of evidence, in the store of alert delivery. Rejects with `StoreUnavailable`. */
export interface EvidenceStore {
  /** Rejects with `RangeError` when it is larger than {@link MOST_BUNDLE_BYTES}. */
  saveBundle(bundle: Bundle): Promise<void>;
  /** By its id; undefined when there is none (any more). */
  bundle(id: string): Promise<Bundle | undefined>;
  /** The newest first; of one group, or of all. Without what is large: no items' points, no queries. */
  bundles(filter: { readonly groupId?: string; readonly limit: number }): Promise<readonly BundleHead[]>;
  /**
   * Keeps a change that was told by the API, and gives its id. The same one told twice (all fields equal) is kept once.
   */
  saveChange(change: Change): Promise<string>;
  /** By its id; undefined when there is none (any more). */
  change(id: string): Promise<KeptChange | undefined>;
  /** In the order of time; the newest ones when there are more than the limit. */
  changes(window: TimeWindow, limit: number): Promise<readonly KeptChange[]>;
  /** Deletes what is older (Unix milliseconds). Gives the number of rows. */
  pruneEvidence(before: number): Promise<number>;
}

/** A change that was told. */
export interface KeptChange extends Change {
  /** 32 hexadecimal digits. */
  readonly id: string;
}

/** A bundle in a list. */
export interface BundleHead {
  readonly id: string;
  readonly createdAt: number;
  readonly groupId?: string;
  /** What it is about, such as `CheckoutDown` or `service shop`. */
  readonly about: string;
  /** The window that was looked at. */
  readonly window: TimeWindow;
  /** Title of what a person should look at first; absent when nothing stands out. */
  readonly best?: string;
}
