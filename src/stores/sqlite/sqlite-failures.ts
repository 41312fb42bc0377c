import SQLite from "better-sqlite3";
import pRetry from "p-retry";
import { StoreUnavailable } from "../../core/delivery-store.ts";

/** Whether another connection holds the lock. */
export const isBusy = (thrown: unknown): boolean => hasCode(thrown, "SQLITE_BUSY", "SQLITE_LOCKED");

/**
 * Does the work as soon as no other connection holds the lock; the work's own error after so many milliseconds of
 * trying.
 */
export const whenFree = <T>(work: () => T | Promise<T>, patienceMs: number): Promise<T> =>
  pRetry(work, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 20,
    maxTimeout: 100,
    maxRetryTime: patienceMs,
    shouldRetry: ({ error }) => isBusy(error),
  });

/** Whether the disk is full. */
export const isFull = (thrown: unknown): boolean => hasCode(thrown, "SQLITE_FULL");

/** Whether the file is no SQLite database. */
export const isForeign = (thrown: unknown): boolean => hasCode(thrown, "SQLITE_NOTADB");

/** Whether what is in the file can not be read as a database. */
export const isDamaged = (thrown: unknown): boolean => hasCode(thrown, "SQLITE_CORRUPT", "SQLITE_NOTADB");

/** Whether SQLite could not open a file, or not make one that it needs beside it. */
export const isUnreachable = (thrown: unknown): boolean => hasCode(thrown, "SQLITE_CANTOPEN", "SQLITE_READONLY");

/** What each failure of the medium means and asks for; every other error is a fault of ours and is thrown as it is. */
const WORDS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: "it is locked by another process for too long: end that process, or its transaction",
  SQLITE_LOCKED: "it is locked by another process for too long: end that process, or its transaction",
  SQLITE_FULL: "its disk is full: make room, it goes on by itself",
  SQLITE_IOERR: "the disk does not work: see the system's log",
  SQLITE_READONLY:
    "it can not be written: check the permissions of the file and its folder, and how its disk is mounted",
  SQLITE_CANTOPEN: "it can not be opened: check the permissions of the file and its folder",
  SQLITE_PERM: "it can not be opened: check the permissions of the file and its folder",
  SQLITE_AUTH: "it can not be opened: check the permissions of the file and its folder",
  SQLITE_NOLFS: "its file system bears no file of this size",
  SQLITE_NOMEM: "memory is used up",
  SQLITE_PROTOCOL: "its locks do not work: it must not be on a network file system",
  SQLITE_CORRUPT: "it is damaged: stop Watchkeeper and restore a backup",
  SQLITE_NOTADB: "it is damaged: stop Watchkeeper and restore a backup",
};

/** What was thrown, as {@link StoreUnavailable} when the medium is the cause. */
export function explain(thrown: unknown, file: string): unknown {
  if (!(thrown instanceof SQLite.SqliteError)) return thrown;
  const words = WORDS[kindOf(thrown)];
  if (words === undefined) return thrown;
  return new StoreUnavailable(`The database ${file} is not usable now: ${words} (${thrown.code}).`, { cause: thrown });
}

const hasCode = (thrown: unknown, ...codes: readonly string[]): boolean =>
  thrown instanceof SQLite.SqliteError && codes.includes(kindOf(thrown));

/** Extended codes such as `SQLITE_IOERR_WRITE` add words. Source: https://sqlite.org/rescode.html */
const kindOf = ({ code }: { code: string }): string => code.split("_").slice(0, 2).join("_");
