import type { Change } from "../../../core/telemetry.ts";
import type { FaultPlace, JudgedItem, ShopFault } from "../contract.ts";
import type { Draws } from "../draws.ts";
import type { Operation } from "../operations.ts";
import type { Pod, ShopNode, Topology } from "../topology.ts";

/** Why a request or a call failed. */
export interface Failure {
  readonly status: number;
  readonly errorType: string;
  readonly text: string;
  /** Lines below the text. */
  readonly stack?: string;
}

/** What a fault does to one request or call. */
export interface Effect {
  readonly slowMs?: number;
  readonly failure?: Failure;
  /** Logged at `warn` though nothing failed. */
  readonly warning?: { readonly logger: string; readonly text: string };
}

/** A rollout of a version: pods are replaced one after the other. */
export interface Rollout {
  readonly service: string;
  readonly version: string;
  /** Unix milliseconds at which each pod is replaced. */
  readonly at: readonly number[];
}

/** What a fault is planned with. */
export interface FaultQuestion {
  readonly draws: Draws;
  readonly topology: Topology;
  /** Unix milliseconds. */
  readonly at: number;
  /** How long a disk takes to fill, in milliseconds. */
  readonly fillMs: number;
}

/** A fault at its place. */
export interface ActiveFault {
  readonly fault: ShopFault;
  readonly place: FaultPlace;
  /** When the first request can fail. */
  readonly hurtsAt: number;
  /** Services whose alert leads to the cause: that of the cause itself, or one that stands beside it. */
  readonly alerted: readonly string[];
  readonly alertName: string;
  readonly changes: readonly Change[];
  readonly rollout?: Rollout;
  /** What happens to a request that a pod serves. */
  serve?(pod: Pod, operation: Operation, at: number): Effect | undefined;
  /** What happens when a pod calls a service or another peer, before that does anything. */
  reach?(pod: Pod, peer: string, at: number): Effect | undefined;
  /** Share of a node's disk that is used. */
  diskUsed?(node: ShopNode, at: number): number | undefined;
  /** When the certificate of a service ends, Unix milliseconds. */
  certificateEnd?(service: string): number | undefined;
  causes(item: JudgedItem): boolean;
}

/** Plans one kind of fault. */
export type PlanFault = (question: FaultQuestion) => ActiveFault;
