import type { Authority } from "../certificates.ts";
import type { Fault } from "../faults.ts";
import type { LabRequest } from "../exchange.ts";
import type { NasState } from "./model/state.ts";

/** The releases whose answers are emulated. */
export type TrueNasRelease = "24.10" | "25.04" | "25.10" | "26";

/** What an emulated TrueNAS is started with. */
export interface TrueNasLabOptions {
  /** 25.10 unless given. */
  readonly release?: TrueNasRelease;
  /** Signs the server's certificate; one of its own unless given. */
  readonly authority?: Authority;
  /** A free one unless given. */
  readonly port?: number;
  /** The server's clock in milliseconds since 1970; the machine's unless given. */
  readonly now?: () => number;
  /** How many datasets, beside those that tell a story; 0 unless given. */
  readonly datasets?: number;
  /** How many snapshots each of those has; 10 unless given. */
  readonly snapshotsPerDataset?: number;
  /** Waited for before each answer to a call, for tests of what is in flight meanwhile. */
  readonly beforeAnswer?: (method: string) => Promise<void>;
}

/** How the emulated server mistreats a socket; beside the {@link Fault}s of connections and HTTP answers. */
export type SocketFault =
  /** Answers calls of this method with an error frame. `data` is what -32001 carries. */
  | { readonly kind: "error"; readonly method: string; readonly code: number; readonly errname?: string }
  /** Drops the socket when it has sent half of the answer to this method. */
  | { readonly kind: "drop_mid_reply"; readonly method: string }
  /** Never answers this method. */
  | { readonly kind: "hang"; readonly method: string }
  /** Answers in the reverse order of the calls that are under way. */
  | { readonly kind: "out_of_order" }
  /** Sends answers to calls that nobody made between the true ones. */
  | { readonly kind: "unknown_ids" }
  /** Sends what is no JSON in place of the answer to this method. */
  | { readonly kind: "not_json"; readonly method: string }
  /** Dates as plain texts and numbers in place of `{"$date"}`. */
  | { readonly kind: "plain_dates" }
  /** Every leaf of this method's answer null, or of another type. */
  | { readonly kind: "nulls" | "wrong_types"; readonly method: string }
  /** Every call but a login is answered with ENOTAUTHENTICATED, for as long as the fault lasts. */
  | { readonly kind: "session_expired" };

/** Counts of an emulated server since it was started. */
export interface TrueNasLabStats {
  /** WebSockets that were opened. */
  sockets: number;
  /** Calls of `auth.*`, the refused ones included. */
  logins: number;
  /** Logins and bare calls that were refused by the limit of 20 in 60 s. */
  limited: number;
  /** By method. */
  readonly calls: Map<string, number>;
  bytesSent: number;
  bytesReceived: number;
  /** The most calls that were under way at once on one socket. */
  mostAtOnce: number;
}

/** An emulated TrueNAS on loopback. */
export interface TrueNasLab {
  /** Such as `https://127.0.0.1:41234`. */
  readonly url: string;
  readonly release: TrueNasRelease;
  /** PEM text of the authority to trust. */
  readonly caPem: string;
  /** The certificate's SHA-256: hex pairs with colons. */
  readonly fingerprint256: string;
  /** The user of {@link apiKey}, with the role READONLY_ADMIN. */
  readonly username: string;
  readonly apiKey: string;
  /** What the server knows; tests change it at will. {@link reset} fills it anew. */
  readonly state: NasState;
  readonly scenarios: Readonly<Record<TrueNasScenarioName, TrueNasScenario>>;
  readonly stats: TrueNasLabStats;
  /** The newest HTTP requests, upgrades included. */
  readonly requests: readonly LabRequest[];
  /** The server's clock in Unix seconds. */
  now(): number;
  /** Gives the key's user other roles, such as POOL_READ; all reading ones by READONLY_ADMIN. */
  setRoles(roles: readonly string[]): void;
  /** Tells every socket that subscribed to the event. */
  emit(
    event: string,
    message: { readonly msg: "added" | "changed" | "removed"; readonly id?: unknown; readonly fields?: unknown },
  ): void;
  /**
   * Ends the session of every open socket, which stays open: its calls are answered with ENOTAUTHENTICATED from then
   * on.
   */
  endSessions(): void;
  /** Drops every open socket, as a restart of the middleware does. */
  dropSockets(): void;
  reset(): void;
  setFault(fault: Fault | undefined): Promise<void>;
  setSocketFault(fault: SocketFault | undefined): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The names of the scenarios. */
export type TrueNasScenarioName =
  | "detached_mirror"
  | "removed_disk"
  | "resilver"
  | "spare_in_use"
  | "device_errors"
  | "suspended_pool"
  | "unimported_pool"
  | "old_scrub"
  | "scrub_paused"
  | "pool_nearly_full"
  | "disk_hot"
  | "disk_silent"
  | "disk_vanished"
  | "dataset_locked"
  | "dataset_over_quota"
  | "task_failed"
  | "task_held"
  | "task_late"
  | "snapshots_stopped"
  | "cloud_sync_failed"
  | "app_crashed"
  | "service_stopped"
  | "native_alert"
  | "reboot_required"
  | "update_available"
  | "rest_client"
  | "ups_on_battery"
  | "key_expires"
  | "certificate_expires"
  | "interface_down"
  | "recover";

/** Something that happens to a server. */
export interface TrueNasScenario {
  /** One sentence. */
  readonly help: string;
  run(lab: TrueNasLab): Promise<void>;
}
