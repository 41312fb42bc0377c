import { z } from "zod";
import { looseFlag, looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import { looseDate } from "../dates.ts";
import { anyTopologyShape, topologyShape } from "./vdev-shape.ts";
import { zfsNumber, zfsSwitch } from "./zfs-property.ts";

const capitals = looseText.transform((text) => text?.toUpperCase());

/** The newest scrub or resilver. */
const scanFields = z.object({
  function: capitals,
  state: capitals,
  start_time: looseDate,
  end_time: looseDate,
  percentage: looseNumber,
  errors: looseNumber,
  pause: z.unknown().optional(),
});

/** Null where ZFS has none on record: the whole of it in 26, its function before. Undefined is unknown. */
const scanShape = z
  .unknown()
  .optional()
  .transform((found): PoolScan | null | undefined => {
    if (found === null) return null;
    const scan = scanFields.safeParse(found);
    if (!scan.success) return undefined;
    if (scan.data.function !== undefined) return scan.data;
    return isNull(found, "function") ? null : undefined;
  });

const isNull = (found: unknown, key: string): boolean =>
  typeof found === "object" && found !== null && (found as Readonly<Record<string, unknown>>)[key] === null;

/** A scan that ZFS has on record. */
export type PoolScan = z.output<typeof scanFields>;

/** Percent as text, with or without the sign. */
const percent = looseText.transform((text) => looseNumber.parse(text?.replace(/%\s*$/, "")));

const poolFields = {
  guid: looseText,
  status: capitals,
  status_code: capitals,
  healthy: looseFlag,
  warning: looseFlag,
  size: looseNumber,
  allocated: looseNumber,
  fragmentation: percent,
  autotrim: zfsSwitch,
  scan: scanShape,
  topology: topologyShape.nullish().catch(undefined),
};

/** A row of `pool.query`, and `boot.get_state`, which has no guid. */
export const poolShape = z.object({ name: z.string().min(1), ...poolFields });

/** {@link poolShape}, read. */
export type PoolRow = z.output<typeof poolShape>;

/** Whether the pool is there: of one that could not be imported all is null, and its status is OFFLINE. */
export function importedOf({ topology, status }: PoolRow): boolean | undefined {
  if (topology !== null && topology !== undefined) return true;
  return topology === null && status === "OFFLINE" ? false : undefined;
}

/** Used and available space of datasets. */
export const spaceRows = rows(z.object({ id: z.string(), used: zfsNumber, available: zfsNumber }));

/** `pool.scrub.query`. A task that can not be read may be any pool's. */
export const scrubTaskRows = rows(
  z
    .object({ pool_name: z.string().optional().catch(undefined), enabled: looseFlag })
    .catch({ pool_name: undefined, enabled: undefined }),
);

/** `zpool.query`. */
export const rawPoolRows = rows(z.object({ name: z.string(), topology: anyTopologyShape }));
