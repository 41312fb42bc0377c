import { CollectError } from "./errors.ts";
import type { CollectContext } from "./pack.ts";

/**
 * One of several pieces of a part: when it fails it is noted as missing, and the others' series still stand. `read` is
 * handed the context for the pieces within it: of a piece that lacks some of its own nobody can say that it was read.
 */
export async function optionally(
  context: CollectContext,
  piece: string,
  read: (within: CollectContext) => Promise<void>,
): Promise<void> {
  let isWhole = true;
  const within: CollectContext = {
    ...context,
    missing: (inner, error) => {
      isWhole = false;
      context.missing(inner, error);
    },
  };
  try {
    await read(within);
    if (isWhole) context.wasRead();
  } catch (thrown) {
    if (!(thrown instanceof CollectError) || context.signal.aborted) throw thrown;
    context.missing(piece, thrown);
  }
}
