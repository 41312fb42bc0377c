import { setTimeout as pause } from "node:timers/promises";
import { minutes } from "../../core/duration.ts";
import { SHOP_STEP_MS, type JudgedItem, type Shop, type ShopAlert, type ShopFault } from "./contract.ts";
import { createDraws } from "./draws.ts";
import type { ShopSink } from "./post.ts";
import type { ActiveFault } from "./faults/active-fault.ts";
import { describeServices, makeAlert } from "./shop.ts";
import { Simulation } from "./simulation.ts";

/** How long a disk takes to fill. */
const FILL_MS = minutes(3);

/** How a shop is played in real time. */
export interface PlayShopOptions {
  readonly seed: number;
  /** Requests of customers in a second; 3 unless given. */
  readonly rate?: number;
  /** Share of requests that are traced; 0.25 unless given. */
  readonly traced?: number;
  /** How much of the past is sent at first, in milliseconds; 70 minutes unless given. */
  readonly backlogMs?: number;
  /** A fault that began in the past that is sent at first, so many milliseconds ago. */
  readonly begins?: { readonly fault: ShopFault; readonly agoMs: number };
  /**
   * Where telemetry goes; each gets all of it. One that fails is told to `failed` and asked again with what comes next.
   */
  readonly sinks: readonly ShopSink[];
  failed?(error: unknown): void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** A shop that goes on as time does. */
export interface PlayedShop extends Pick<Shop, "services" | "namespace"> {
  /** Has a fault begin now; another one ends. Gives the alert that it will lead to. */
  begin(fault: ShopFault): { readonly alert: ShopAlert; causes(item: JudgedItem): boolean };
  /** Ends the fault. */
  end(): void;
  /** Settles when the signal is aborted. */
  readonly done: Promise<void>;
}

/** Sends the past, and gives the shop when that was taken in; it then goes on every 15 seconds until the signal. */
export async function playShop(options: PlayShopOptions): Promise<PlayedShop> {
  const { seed, rate = 3, traced = 0.25, backlogMs = minutes(70), begins, sinks, failed = () => {}, signal } = options;
  const now = Date.now();
  const simulation = new Simulation({ seed, from: now - backlogMs, middle: now + minutes(20), rate, traced });
  const begin = (fault: ShopFault, at: number): ActiveFault => simulation.begin(fault, at, FILL_MS);
  const step = async (to = Date.now()): Promise<void> => {
    const telemetry = simulation.advance(to);
    const sent = await Promise.allSettled(sinks.map((sink) => sink(telemetry)));
    for (const each of sent) if (each.status === "rejected") failed(each.reason);
  };
  if (begins !== undefined) {
    await step(now - begins.agoMs);
    begin(begins.fault, now - begins.agoMs);
  }
  await step();
  const go = async (): Promise<void> => {
    while (!signal.aborted) {
      const left = SHOP_STEP_MS - (Date.now() % SHOP_STEP_MS);
      await pause(left + 50, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await step();
    }
  };
  return {
    namespace: simulation.topology.namespace,
    get services() {
      return describeServices(simulation.topology);
    },
    begin: (fault) => {
      const at = Date.now();
      const active = begin(fault, at);
      return { alert: makeAlert(createDraws(seed, "alert"), active, at), causes: active.causes };
    },
    end: () => simulation.end(),
    done: go(),
  };
}
