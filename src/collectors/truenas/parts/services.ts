import { z } from "zod";
import type { CollectContext } from "../../../core/pack.ts";
import { looseFlag, looseText } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { listShape, readRows } from "./row-list.ts";

/** A service, as far as is known of it. */
export interface Service {
  readonly service: string;
  readonly enabled: boolean | undefined;
  /** Unknown when the server could not find out. */
  readonly running: boolean | undefined;
}

const rowShape = z.object({ service: z.string().min(1), enable: looseFlag, state: looseText });

/** All services, or the one with the name. */
export async function readServices(
  client: TrueNasClient,
  context: CollectContext,
  name?: string,
): Promise<readonly Service[]> {
  const method = "service.query";
  const filters = name === undefined ? [] : [["service", "=", name]];
  const list = await client.call({ method, params: [filters], shape: listShape, signal: context.signal });
  const rows = readRows(context, list, { method, row: rowShape, key: ({ service }) => service });
  return rows.map(({ service, enable, state }) => ({ service, enabled: enable, running: isRunning(state) }));
}

function isRunning(state: string | undefined): boolean | undefined {
  if (state === "RUNNING") return true;
  return state === "STOPPED" ? false : undefined;
}
