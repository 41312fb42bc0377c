import type { CollectReason } from "../../../src/core/errors.ts";
import type { FaultProxy } from "../../../src/lab/fault-proxy/proxy.ts";
import type { MatrixKind } from "./kinds.ts";

/** What a subject speaks with its upstream; a kind of fault says for each what it may be called. */
export type SubjectProtocol = "http" | "websocket" | "tls" | "smtp";

/** The tables of the product that the matrix covers: each of their rows has a subject, or the matrix fails. */
export type CoveredTable = "packs" | "notifiers" | "sources";

/** What a kind of fault may look like from outside; `because` is for whoever wonders about an exception. */
export interface Allowance {
  /** The reasons that may be told. */
  readonly reasons: readonly string[];
  /** Whether a use without any failure is a truthful outcome; false unless given. */
  readonly mayOnlySucceed?: boolean;
  /** What the facts may be: see {@link FactRule}; the kind's own unless given. */
  readonly facts?: FactRule;
  readonly because?: string;
}

/**
 * How the facts of a use under a fault are held against those before it. `same`: each has the value it had.
 * `no_new_zero`: another value is what the faulty answer truly says, but none is 0 that was not. `said`: the answer
 * says readably that something is none or 0. A fact that is absent is always right: it is unknown.
 */
export type FactRule = "same" | "no_new_zero" | "said";

/** How one use is to be made. */
export interface UseOptions {
  /** Undefined before and after the fault. */
  readonly kind: MatrixKind | undefined;
  /** The use ends by then, whatever the upstream does: short under a fault that hangs, long otherwise. Milliseconds. */
  readonly deadlineMs: number;
}

/** What one use (a poll of every part, a delivery, a question) brought. A use never throws. */
export interface Observation {
  /** The reason of each failure that was told, in the words of the subject's closed list; empty when all went well. */
  readonly reasons: readonly string[];
  /** What was told as a fact: series, messages that were delivered, counts of evidence. What is unknown is absent. */
  readonly facts: ReadonlyMap<string, number | string>;
  /**
   * What only the subject can see to be wrong, one sentence each: a secret in a text, a failure of the network that
   * makes a dead letter of a message. Each makes the cell wrong.
   */
  readonly wrongs?: readonly string[];
  /** Texts for people, for the sentence about a wrong cell. */
  readonly messages?: readonly string[];
  /** The reasons of each part that fails or succeeds by itself, by its name: none may hide behind another. */
  readonly parts?: Readonly<Record<string, readonly string[]>>;
}

/** One column of the matrix: something of the product that talks with an upstream. */
export interface MatrixSubject {
  /** Unique, such as `proxmox` or `notifier slack`; heads the column. */
  readonly name: string;
  /** The row of a product's table that this covers; several subjects may cover one. */
  readonly covers: { readonly table: CoveredTable; readonly id: string };
  readonly protocol: SubjectProtocol;
  /**
   * Exceptions from the kind's own allowance by the kind's name, such as a status that this upstream uses as an answer.
   * `reasons` are in the subject's words.
   */
  readonly allows?: Readonly<Record<string, Allowance>>;
  /** The subject's word for what a collector would call by this reason; the same word unless given. */
  readonly wordFor?: (reason: CollectReason) => string;
  /**
   * Parts that may succeed, by name: they ask nothing here, or look at the certificate only, whatever it is and
   * whatever comes after it, or nothing of theirs is changed by some kinds.
   */
  readonly partsAside?: Readonly<Record<string, "asks nothing" | "reads the certificate" | readonly string[]>>;
  /** Kinds that can not be, by name, with the sentence why; the cell is then neither counted nor run. */
  readonly skips?: Readonly<Record<string, string>>;
  /** Kinds that only requests whose path begins so are put under, by the kind's name: of huge answers one is enough. */
  readonly onlyAt?: Readonly<Record<string, string>>;
  /** The most bytes that it reads of one answer; 16 MiB unless given. */
  readonly mostBytes?: number;
  /** The most connections that it may have open when a use is over; 8 unless given. */
  readonly mostConnections?: number;
  /** How long a use may take under a fault that hangs, in milliseconds: its own bounds; 1000 unless given. */
  readonly patienceMs?: number;
  /** Starts the upstream and opens the subject twice: by way of a fault proxy, and straight. */
  open(): Promise<OpenSubject>;
}

/** A subject that is ready. The runner never makes two uses of it at a time, but for `use` beside `useOther`. */
export interface OpenSubject {
  /** The one that is put under the faults. */
  readonly proxy: FaultProxy;
  /** One use by way of the proxy. */
  use(options: UseOptions): Promise<Observation>;
  /** The same use by another target or destination of the same kind, straight to its upstream. */
  useOther(options: UseOptions): Promise<Observation>;
  /**
   * Whether a fact is of the poll and not of the upstream (`up`, a duration, a count of errors): its value is not
   * compared.
   */
  isOwnFact?(name: string): boolean;
  /** Waits for what one interval would pass between two uses, such as the pace at which a socket is opened again. */
  settle?(): Promise<void>;
  close(): Promise<void>;
}
