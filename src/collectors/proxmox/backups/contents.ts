import { z } from "zod";
import type { Guest } from "../guests.ts";
import { looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";

const VERDICTS: ReadonlyMap<unknown, boolean> = new Map([
  ["ok", true],
  ["failed", false],
]);

/** One backup. */
export interface Backup {
  readonly vmid: number | undefined;
  /** When it was begun, in Unix seconds. */
  readonly ctime: number | undefined;
  /** In bytes. */
  readonly size: number | undefined;
  readonly format: string | undefined;
  /** Type of the guest. */
  readonly subtype: string | undefined;
  /** Whether a Proxmox Backup Server found it well; undefined when it did not look. */
  readonly verification: boolean | undefined;
}

/**
 * `/nodes/{node}/storage/{storage}/content?content=backup`: only what the token may read is listed.
 * Source: https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/storage/{storage}/content
 */
export const contentShape = z
  .array(z.unknown())
  .nullish()
  .transform((found): readonly Backup[] => (found ?? []).flatMap(readBackup));

/** Without a shape for each row, because a backup server may have some 100 000. */
function readBackup(row: unknown): readonly Backup[] {
  if (typeof row !== "object" || row === null) return [];
  const { vmid, ctime, size, format, subtype, verification } = row as Readonly<Record<string, unknown>>;
  return [
    {
      vmid: numberOf(vmid),
      ctime: numberOf(ctime),
      size: numberOf(size),
      format: looseText.parse(format),
      subtype: looseText.parse(subtype),
      verification: VERDICTS.get(stateOf(verification)),
    },
  ];
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : looseNumber.parse(value);

const stateOf = (found: unknown): unknown =>
  typeof found === "object" && found !== null && "state" in found ? found.state : undefined;

/** The backups of one guest: how many there are, and the newest that is good and the newest that was verified. */
interface GuestBackups {
  readonly count: number;
  readonly newest: Backup | undefined;
  readonly verified: Backup | undefined;
}

/** Backups that belong to no guest. */
export interface Orphans {
  readonly count: number;
  /** In bytes; NaN when the size of one is unknown. */
  readonly size: number;
}

/** Sorts the backups of one storage by guest; those of none are orphans. */
export function sortBackups(
  found: readonly Backup[],
  guests: ReadonlyMap<number, Guest>,
): { readonly byGuest: ReadonlyMap<number, readonly Backup[]>; readonly orphans: Orphans } {
  const byGuest = new Map<number, Backup[]>();
  let [count, size] = [0, 0];
  for (const backup of found) {
    if (backup.vmid === undefined || !isFinished(backup)) continue;
    const guest = guests.get(backup.vmid);
    if (guest !== undefined && isOf(backup, guest)) {
      const known = byGuest.get(backup.vmid);
      if (known === undefined) byGuest.set(backup.vmid, [backup]);
      else known.push(backup);
    } else {
      count++;
      size += backup.size ?? Number.NaN;
    }
  }
  return { byGuest, orphans: { count, size } };
}

/** What one guest has, of the backups on all storages. */
export function sumUp(found: readonly Backup[]): GuestBackups {
  return {
    count: found.length,
    newest: newest(found.filter(({ verification }) => verification !== false)),
    verified: newest(found.filter(({ verification }) => verification !== undefined)),
  };
}

function newest(found: readonly Backup[]): Backup | undefined {
  let best: Backup | undefined;
  for (const each of found) {
    if (each.ctime !== undefined && each.ctime > (best?.ctime ?? Number.NEGATIVE_INFINITY)) best = each;
  }
  return best;
}

/** A number that was given to a guest of the other type anew is not the old guest. */
const isOf = ({ subtype }: Backup, { type }: Guest): boolean => subtype === undefined || subtype === type;

/**
 * A snapshot on a backup server without its index is still being written or was broken off, and Proxmox VE gives its
 * size as 1.
 */
const isFinished = ({ format, size }: Backup): boolean =>
  !(format?.startsWith("pbs-") === true && size !== undefined && size <= 1);
