import type { Slo } from "../../model.ts";
import type { Fault } from "../check.ts";
import type { Ask, InstantSample } from "./instant-query.ts";

/** One question about an SLO to a running Prometheus: a section of docs/slo-checks.md has its name. */
export interface LiveCheck {
  readonly name: string;
  check(slo: Slo, ask: Ask): Promise<readonly Fault[]>;
}

/** The one number of an answer; undefined when there is none, or it is none. */
export function numberIn(samples: readonly InstantSample[]): number | undefined {
  const value = samples[0]?.value;
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

/** A query as one value for all of its series. */
export const sumOf = (query: string): string => `sum(${query.trim()})`;
