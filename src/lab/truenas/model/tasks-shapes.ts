/** A crontab, in the time zone of the machine. */
export interface LabSchedule {
  minute: string;
  hour: string;
  dom: string;
  month: string;
  dow: string;
  /** `HH:MM`; of snapshot and replication tasks only. */
  begin?: string;
  end?: string;
}

/** What the replication engine knows of a task. */
export interface LabTaskState {
  state: "PENDING" | "WAITING" | "RUNNING" | "FINISHED" | "ERROR" | "HOLD";
  /** Undefined for PENDING alone. */
  datetime?: number;
  error?: string;
  /** Of HOLD. */
  reason?: string;
  /** `dataset@name`, of a replication. */
  last_snapshot?: string;
  warnings?: string[];
  progress?: Record<string, unknown>;
}

/** A run of a task that is a job. */
export interface LabJob {
  readonly id: number;
  state: "WAITING" | "RUNNING" | "SUCCESS" | "FAILED" | "ABORTED";
  percent: number | null;
  startedAt: number;
  finishedAt: number | undefined;
  error: string | undefined;
}

/** A periodic snapshot task. */
export interface LabSnapshotTask {
  readonly id: number;
  dataset: string;
  recursive: boolean;
  exclude: string[];
  lifetimeValue: number;
  lifetimeUnit: "HOUR" | "DAY" | "WEEK" | "MONTH" | "YEAR";
  namingSchema: string;
  allowEmpty: boolean;
  enabled: boolean;
  schedule: LabSchedule;
  state: LabTaskState;
}

/** A replication task. */
export interface LabReplication {
  readonly id: number;
  name: string;
  direction: "PUSH" | "PULL";
  transport: "SSH" | "SSH+NETCAT" | "LOCAL";
  sourceDatasets: string[];
  targetDataset: string;
  /** Numbers of the snapshot tasks that it follows. */
  periodicSnapshotTasks: number[];
  auto: boolean;
  schedule: LabSchedule | undefined;
  restrictSchedule: LabSchedule | undefined;
  enabled: boolean;
  state: LabTaskState;
  job: LabJob | undefined;
}

/** A cloud sync, rsync or cloud backup task: one whose runs are jobs. */
export interface LabJobTask {
  readonly id: number;
  description: string;
  path: string;
  schedule: LabSchedule;
  enabled: boolean;
  /** Whether its dataset is. */
  locked: boolean;
  job: LabJob | undefined;
  /** What else a row of its kind has. */
  readonly details: Record<string, unknown>;
}
