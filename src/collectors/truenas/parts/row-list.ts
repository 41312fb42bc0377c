import { z } from "zod";
import { CollectError } from "../../../core/errors.ts";
import type { CollectContext } from "../../../core/pack.ts";
import { readShape } from "../../../lib/answers/read-shape.ts";

/** The answer of a method that lists something; each row is read by itself, by {@link readRows}. */
export const listShape = z.array(z.unknown());

/** What is known of a list's rows. */
export interface RowSource<T> {
  readonly method: string;
  readonly row: z.ZodType<T>;
  /** What tells a row from the others; of two rows with the same key the first counts. */
  readonly key: (row: T) => string;
}

/**
 * The rows that can be read; those that can not are noted once as missing. Throws `unexpected_shape` when there are
 * rows and none of them can be read, since an empty list would say that there is nothing.
 */
export function readRows<T>(
  context: CollectContext,
  list: readonly unknown[],
  { method, row, key }: RowSource<T>,
): readonly T[] {
  const unique = new Map<string, T>();
  let fault: CollectError | undefined;
  for (const value of list) {
    try {
      const read = readShape(row, value, `${method}, a row`);
      if (!unique.has(key(read))) unique.set(key(read), read);
    } catch (thrown) {
      if (!(thrown instanceof CollectError)) throw thrown;
      fault ??= thrown;
    }
  }
  if (fault !== undefined && unique.size === 0) throw fault;
  if (fault !== undefined) context.missing(`rows of ${method}`, fault);
  return [...unique.values()];
}
