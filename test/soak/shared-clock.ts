import { closeSync, openSync, readSync, writeSync } from "node:fs";

/**
 * Numbers that the processes of a soak share: a file of 64-bit floats, one for each of these, times in milliseconds.
 */
const FIELDS = ["ahead", "horizon", "reached"] as const;

/** Name of the variable that names the file. */
export const CLOCK_FILE = "SOAK_CLOCK_FILE";

/**
 * `ahead` is how far the simulated time is ahead of the machine's. The service skips no further than `horizon`, a
 * moment of the simulated time, and says by `reached` which one it stands at with nothing left to do.
 */
export type ClockField = (typeof FIELDS)[number];

/** The shared numbers. */
export interface SharedClock {
  read(field: ClockField): number;
  write(field: ClockField, value: number): void;
  close(): void;
}

/** Opens the file, which is made of zeros when it is new. */
export function openSharedClock(file: string, { isNew = false } = {}): SharedClock {
  const handle = openSync(file, isNew ? "w+" : "r+");
  const cell = new Float64Array(1);
  const position = (field: ClockField): number => FIELDS.indexOf(field) * cell.BYTES_PER_ELEMENT;
  const clock: SharedClock = {
    read(field) {
      readSync(handle, cell, 0, cell.byteLength, position(field));
      return cell[0] ?? 0;
    },
    write(field, value) {
      cell[0] = value;
      writeSync(handle, cell, 0, cell.byteLength, position(field));
    },
    close: () => closeSync(handle),
  };
  if (isNew) for (const field of FIELDS) clock.write(field, 0);
  return clock;
}
