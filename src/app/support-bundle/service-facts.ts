import { asCollectError } from "../../core/errors.ts";
import { columns } from "../../lib/columns.ts";
import { ownSamples, partRows, publicMetrics } from "./own-metrics.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** A service that may be running. */
export interface AskedService {
  get(path: string): Promise<{ readonly text: string }>;
}

/** What a service tells of itself, or why it was not asked. */
export type ServiceFacts =
  | { readonly unreached: string }
  | {
      readonly state: string;
      /** Its parts in a table. */
      readonly parts: string;
      readonly metrics: string;
    };

/** Asks a running service; never throws for one that does not answer. */
export async function serviceFacts(service: AskedService, names: Pseudonyms, now: number): Promise<ServiceFacts> {
  try {
    const { text } = await service.get("metrics");
    const samples = ownSamples(text);
    const readiness = await service.get("-/ready").then(
      () => "ready",
      (thrown: unknown) => `not ready: ${asCollectError(thrown).reason}`,
    );
    return {
      state: `running, ${readiness}`,
      parts: columns(partRows(samples, names, now)),
      metrics: publicMetrics(samples, names),
    };
  } catch (thrown) {
    return { unreached: asCollectError(thrown).reason };
  }
}
