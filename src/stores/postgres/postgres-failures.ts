import pg from "pg";
import { StoreUnavailable } from "../../core/delivery-store.ts";

/**
 * PostgreSQL asks for the transaction to be done again. Source:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const isContended = (thrown: unknown): boolean => ["40001", "40P01"].includes(codeOf(thrown) ?? "");

/** Failures of the database or of the way to it, by class or code of SQLSTATE; every other one is a fault of ours. */
const WORDS: readonly (readonly [string, string])[] = [
  ["08", "the connection to it is lost"],
  ["40", "other replicas change the same rows all the time"],
  ["53100", "its disk is full: make room, it goes on by itself"],
  ["53", "it has no connections or memory left"],
  ["55P03", "another connection holds a lock for too long"],
  ["57014", "it takes too long"],
  ["57", "it stops or starts"],
  ["58", "its system does not work: see its log"],
  ["25006", "it can not be written: it is a standby, or set to read only"],
  ["25P03", "the connection to it is lost"],
  ["XX", "it is damaged: see its log"],
  ["28", "it refuses the user or the password"],
  ["3D000", "the database does not exist"],
];

/**
 * What was thrown, as {@link StoreUnavailable} when the database or the way to it is the cause; `place` says which,
 * without a password.
 */
export function explain(thrown: unknown, place: string): unknown {
  const words = wordsFor(thrown);
  if (words === undefined) return thrown;
  return new StoreUnavailable(`The database ${place} is not usable now: ${words}.`);
}

function wordsFor(thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  if (thrown instanceof pg.DatabaseError) {
    const words = WORDS.find(([beginning]) => code?.startsWith(beginning))?.[1];
    return words === undefined ? undefined : `${words} (${code})`;
  }
  if (!(thrown instanceof Error)) return undefined;
  if (code !== undefined && WAY_CODES.test(code)) return `it can not be reached (${code})`;
  return DRIVER_WORDS.find(([pattern]) => pattern.test(thrown.message))?.[1];
}

/** Codes of sockets, name servers and TLS. */
const WAY_CODES = /^(E[A-Z]+|EAI_[A-Z]+|ERR_(TLS|SSL|SOCKET)_[A-Z_]+|[A-Z_]*(CERT|SIGNATURE)[A-Z_]*)$/;

/**
 * What the driver itself says has no code; the whole message is matched, since a caller's error may speak of
 * connections too.
 */
const DRIVER_WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(Query read timeout|timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout)$/,
    "it does not answer in time",
  ],
  [
    /^(Connection terminated( unexpectedly)?|Client (has encountered a connection error|was closed) and is not queryable|Postgres connection has been discarded)$/,
    "the connection to it is lost",
  ],
  [/^(driver has already been destroyed|Cannot use a pool after calling end on the pool)$/, "Watchkeeper stops"],
  [/^The server does not support SSL connections$/, "it offers no TLS, though the URL asks for it"],
];

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
