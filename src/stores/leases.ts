import { sql, type Expression, type ExpressionBuilder, type SqlBool } from "kysely";
import type { Tables } from "./schema.ts";

/** A condition on conversations. */
export type Where = (eb: ExpressionBuilder<Tables, "conversations">) => Expression<SqlBool>;

/** No lease is given for longer: one that ends later was given by a clock that was ahead. */
const LONGEST_LEASE_MS = 10 * 60_000;
/** Nothing is put off for longer: what seems to be was put off by a clock that was ahead. */
const LONGEST_WAIT_MS = 20 * 60_000;

/** Conversations that nobody works on. */
export const isFree =
  (now: number, leaseMs = 0): Where =>
  (eb) =>
    eb.or([
      eb("lease_until", "is", null),
      eb("lease_until", "<=", now),
      eb("lease_until", ">", now + Math.max(leaseMs, LONGEST_LEASE_MS)),
    ]);

// written out, since an index of a part of the table is used only by a query that is sure to be about that part
/** Conversations that wait to be told. */
export const isPending: Where = (eb) => eb("state", "=", sql.lit("pending"));

/** Conversations that can be claimed now. */
export const isDue =
  (destination: string, now: number, leaseMs: number): Where =>
  (eb) =>
    eb.and([
      eb("destination", "=", destination),
      isPending(eb),
      eb.or([eb("not_before", "<=", now), eb("not_before", ">", now + LONGEST_WAIT_MS)]),
      isFree(now, leaseMs)(eb),
    ]);

/** When a conversation is due, as {@link isDue} sees it. */
export const dueAt = (now: number) =>
  sql<number>`case when not_before > ${now + LONGEST_WAIT_MS} then ${now} else not_before end`;
