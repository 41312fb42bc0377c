import { z } from "zod";
import { minutes } from "../../../core/duration.ts";
import type { CollectContext } from "../../../core/pack.ts";
import { looseFlag, looseText } from "../../../lib/answers/loose-shapes.ts";
import type { Severity } from "../../../core/alert.ts";
import type { TrueNasClient } from "../client.ts";
import { listShape, readRows } from "./row-list.ts";

const METHOD = "alert.list";
/** Events tell of changes sooner. */
const RESYNC = minutes(2);

const rowShape = z.object({
  uuid: looseText,
  id: looseText,
  klass: z.string().min(1),
  level: z.string().min(1),
  dismissed: looseFlag,
});

/** An alert that the server raises. */
export type NativeAlert = z.output<typeof rowShape>;

/** What the server complains of, the dismissed ones included. */
export async function readNativeAlerts(
  client: TrueNasClient,
  context: CollectContext,
): Promise<readonly NativeAlert[]> {
  const call = { method: METHOD, shape: listShape, signal: context.signal };
  const list = await client.watched(call, METHOD, RESYNC);
  let unnamed = 0;
  const key = ({ uuid, id }: NativeAlert): string => uuid ?? id ?? `unnamed ${(unnamed += 1)}`;
  return readRows(context, list, { method: METHOD, row: rowShape, key });
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  INFO: "info",
  NOTICE: "info",
  WARNING: "warning",
  ERROR: "critical",
  CRITICAL: "critical",
  ALERT: "critical",
  EMERGENCY: "critical",
};

/** How much one of the server's seven levels matters; one of a later release, which nobody here knows, as a warning. */
export const severityOf = (level: string): Severity =>
  Object.hasOwn(SEVERITIES, level) ? (SEVERITIES[level] ?? "warning") : "warning";
