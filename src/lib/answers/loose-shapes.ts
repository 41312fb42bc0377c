import { z } from "zod";

/**
 * Shapes for answers of servers that are loose about their own: a value that is not what it should be is unknown
 * (undefined), and so is a key that is not there.
 */

/** Also nothing: without `optional` a key that is absent would be a fault of the whole row. */
const anything = z.unknown().optional();

/** A number, also as text; anything else, and a key that is not there, is unknown. */
export const looseNumber = anything.transform((value): number | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
});

/** 0 or 1, also as text or JSON boolean; anything else, and a key that is not there, is unknown. */
export const looseFlag = anything.transform((value): boolean | undefined => {
  if (value === 1 || value === "1" || value === true) return true;
  if (value === 0 || value === "0" || value === false) return false;
  return undefined;
});

/** A text, also from a number; anything else, and a key that is not there, is unknown. */
export const looseText = anything.transform((value): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
});

/** A list of rows: null is an empty one, and a row that has not what it needs is left out. */
export const rows = <S extends z.ZodType>(row: S) =>
  z
    .array(z.unknown())
    .nullish()
    .transform((found): readonly z.output<S>[] =>
      (found ?? []).flatMap((each) => {
        const read = row.safeParse(each);
        return read.success ? [read.data] : [];
      }),
    );
