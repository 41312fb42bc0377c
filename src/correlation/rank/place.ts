import type { LogLine } from "../../core/telemetry.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { g2 } from "../statistics/g2.ts";

/** Nearly all lines of a pattern come from one place, though others like it log too. */
const LEAST_SHARE = 0.9;
const MOST_USUAL = 0.6;
const MOST_CHANCE = 0.001;

/** How many lines came from each pod and host. */
export interface Places {
  readonly pods: Map<string, number>;
  readonly hosts: Map<string, number>;
}

/** No lines yet. */
export const noPlaces = (): Places => ({ pods: new Map(), hosts: new Map() });

/** Takes note of where a line comes from. */
export function addPlace({ pods, hosts }: Places, { pod, host }: LogLine): void {
  if (pod !== undefined) pods.set(pod, (pods.get(pod) ?? 0) + 1);
  if (host !== undefined) hosts.set(host, (hosts.get(host) ?? 0) + 1);
}

/**
 * Where a pattern comes from, if it is one place: `pod payment-7f`, else `host node-3`. `others`: where all lines of
 * the services come from that have the pattern.
 */
export function onlyPlace(pattern: Places, others: readonly Places[]): string | undefined {
  const pod = concentrated(pattern.pods, joined(others.map(({ pods }) => pods)));
  if (pod !== undefined) return `pod ${pod}`;
  const host = concentrated(pattern.hosts, joined(others.map(({ hosts }) => hosts)));
  return host === undefined ? undefined : `host ${host}`;
}

function concentrated(counts: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): string | undefined {
  const [first] = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (first === undefined) return undefined;
  const [place, count] = first;
  const seen = { count, of: total(counts) };
  const usual = { count: others.get(place) ?? 0, of: total(others) };
  const isOne = seen.count >= LEAST_SHARE * seen.of && usual.count <= MOST_USUAL * usual.of;
  return isOne && chiSquareSurvival(g2(seen, usual)) < MOST_CHANCE ? place : undefined;
}

/** Counts added up. */
export function joined(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const counts of all) for (const [place, count] of counts) sums.set(place, (sums.get(place) ?? 0) + count);
  return sums;
}

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
