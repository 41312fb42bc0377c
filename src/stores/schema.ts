/**
 * The tables of alert delivery, evidence and replicas, the same in SQLite and PostgreSQL. Times are Unix milliseconds,
 * booleans are 0 and 1. What is only read back is kept as one JSON document (`doc`); what is asked for or changed by
 * itself is a column.
 */
export interface Tables {
  readonly inbound: InboundRow;
  readonly alert_groups: GroupRow;
  readonly conversations: ConversationRow;
  readonly attempts: AttemptRow;
  readonly destinations: DestinationRow;
  readonly heartbeats: HeartbeatRow;
  readonly bundles: BundleRow;
  readonly changes: ChangeRow;
  readonly replicas: ReplicaRow;
  readonly target_owners: TargetOwnerRow;
}

/** A notification as it arrived; unique by source, hash and the two minutes in which it did. */
export interface InboundRow {
  readonly source: string;
  readonly content_hash: string;
  readonly bucket: number;
  readonly received_at: number;
  readonly body: string;
}

/** A group; `doc` is the `AlertGroup`. */
export interface GroupRow {
  readonly id: string;
  readonly source: string;
  readonly route: string;
  /** What a storm's summary calls it. */
  readonly name: string;
  readonly is_open: number;
  readonly revision: number;
  readonly priority: number;
  readonly updated_at: number;
  readonly doc: string;
}

/** A conversation; `doc` holds what is not a column. */
export interface ConversationRow {
  readonly id: string;
  readonly group_id: string;
  readonly destination: string;
  readonly state: string;
  readonly priority: number;
  readonly desired_revision: number;
  readonly attempted: number;
  readonly attempts: number;
  readonly pending_since: number;
  readonly not_before: number;
  readonly held: number;
  readonly rolled_into: string | null;
  readonly lease_owner: string | null;
  readonly lease_until: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly doc: string;
}

/** An attempt that ended; `doc` is the `Attempt`. */
export interface AttemptRow {
  readonly conversation_id: string;
  readonly started_at: number;
  readonly doc: string;
}

/** What is known of a destination; `doc` is the `DestinationState`. */
export interface DestinationRow {
  readonly destination: string;
  readonly doc: string;
}

/** The newest sign of life of a source. */
export interface HeartbeatRow {
  readonly source: string;
  readonly seen_at: number;
}

/** A bundle of evidence; `doc` is the `Bundle`, and `head` what a list tells of it: documents are large. */
export interface BundleRow {
  readonly id: string;
  readonly group_id: string | null;
  readonly created_at: number;
  readonly head: string;
  readonly doc: string;
}

/** A change that was told; its id is a hash of all that it says, and `doc` is the `Change`. */
export interface ChangeRow {
  readonly id: string;
  readonly at: number;
  /** When it was told, by the store's clock: the clock of whoever told it may be wrong. */
  readonly saved_at: number;
  readonly doc: string;
}

/** A replica that polls targets; `targets` is the JSON list of the keys of all that it could poll. */
export interface ReplicaRow {
  readonly id: string;
  readonly beat: string;
  readonly fingerprint: string;
  readonly targets: string;
  readonly joined_at: number;
}

/** Which replica polls the target; gone with the replica. */
export interface TargetOwnerRow {
  readonly target: string;
  readonly replica: string;
}
