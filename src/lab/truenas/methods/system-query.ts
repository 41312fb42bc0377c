import { applyQuery } from "../query.ts";

/** Answers a method that is called with filters and options, both of which may be left out. */
export const answerQuery = (rows: readonly Record<string, unknown>[], params: readonly unknown[]): unknown =>
  applyQuery(rows, params[0] ?? [], params[1] ?? {});
