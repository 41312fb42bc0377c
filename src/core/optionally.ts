import { CollectError } from "./errors.ts";
import type { CollectContext } from "./pack.ts";

/** One of several pieces of a part: when it fails it is noted as missing, and the others' series still stand. */
export async function optionally(context: CollectContext, piece: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (thrown) {
    if (!(thrown instanceof CollectError) || context.signal.aborted) throw thrown;
    context.missing(piece, thrown);
  }
}
