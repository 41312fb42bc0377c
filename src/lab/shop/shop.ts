import { hours, minutes } from "../../core/duration.ts";
import type { Shop, ShopAlert, ShopFault, ShopService } from "./contract.ts";
import { createDraws, type Draws } from "./draws.ts";
import type { ActiveFault } from "./faults/active-fault.ts";
import { calledOf, callersOf, SERVICES } from "./operations.ts";
import { Simulation } from "./simulation.ts";
import type { Topology } from "./topology.ts";

/** Which shop, and what happens to it. Times are Unix milliseconds. */
export interface ShopOptions {
  /** Where the fault is, how large, and everything else that is chance. */
  readonly seed: number;
  /** Undefined for a quiet shop. */
  readonly fault: ShopFault | undefined;
  readonly from: number;
  /** When the fault begins; of a quiet shop, around when harmless things happen and the false alarm comes. */
  readonly faultAt: number;
  readonly to: number;
  /** Requests of customers in a second, on average over a day; 3 unless given. A request makes about four lines. */
  readonly rate?: number;
  /** Share of requests that are traced; 0.25 unless given. */
  readonly traced?: number;
  /** How much earlier there are metrics of the same time too, in milliseconds; a week and a day unless given. */
  readonly remembered?: readonly number[];
}

const DAY = hours(24);

/** Runs the shop; the same options give the same shop, to the last digit. */
export function simulateShop(options: ShopOptions): Shop {
  const { seed, fault, from, faultAt, to, rate = 3, traced = 0.25, remembered = [7 * DAY, DAY] } = options;
  const simulation = new Simulation({ seed, from, middle: faultAt, rate, traced });
  const draws = createDraws(seed, "alert");
  const fillMs = Math.min(draws.span(minutes(2), minutes(8)), (to - faultAt) * 0.4);
  const active = fault && simulation.begin(fault, faultAt, fillMs);
  for (const earlier of remembered.toSorted((a, b) => b - a)) simulation.remember(from - earlier, to - earlier);
  const telemetry = simulation.advance(to);
  return {
    ...telemetry,
    namespace: simulation.topology.namespace,
    services: describeServices(simulation.topology),
    fault,
    place: active?.place,
    alert: makeAlert(draws, active, faultAt),
    causes: (item) => active?.causes(item) ?? false,
  };
}

/** The services with their pods as they are now. */
export function describeServices({ pods }: Topology): readonly ShopService[] {
  return SERVICES.map((name) => ({
    name,
    calls: calledOf(name),
    calledBy: callersOf(name),
    pods: (pods.get(name) ?? []).map((pod) => ({ name: pod.name, node: pod.node.name, version: pod.version })),
  }));
}

/** What wakes a person: a few minutes after the fault hurts; where nothing is wrong, a false alarm at `faultAt`. */
export function makeAlert(draws: Draws, active: ActiveFault | undefined, faultAt: number): ShopAlert {
  const service = draws.pick(active?.alerted ?? SERVICES);
  const name = active?.alertName ?? draws.pick(["ServiceErrors", "ServiceSlow"]);
  const startsAt = Math.floor(active === undefined ? faultAt : active.hurtsAt + draws.span(minutes(2), minutes(4)));
  const node = active?.place.node !== undefined && draws.chance(0.5) ? { node: active.place.node } : {};
  return { name, labels: { alertname: name, severity: "critical", namespace: "shop", service, ...node }, startsAt };
}
