import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { RequestFault } from "../../app/evidence/request-fault.ts";
import type { Bundle } from "../../core/evidence.ts";
import { readCorrelateQuery } from "./correlate-query.ts";
import type { Query } from "./query-texts.ts";

/**
 * Makes what a query asks for: undefined when its alert or group is not known, or what is wrong with it in a sentence.
 */
export async function makeEvidence(
  query: Query,
  board: EvidenceBoard,
  signal: AbortSignal,
): Promise<Bundle | { readonly fault: string } | undefined> {
  const read = readCorrelateQuery(query, board.labels(), Date.now());
  if ("fault" in read) return read;
  return board.make(read, signal).catch((thrown: unknown) => {
    if (!(thrown instanceof RequestFault)) throw thrown;
    return { fault: thrown.message };
  });
}
