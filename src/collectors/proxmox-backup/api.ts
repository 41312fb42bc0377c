import pLimit from "p-limit";
import type { z } from "zod";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { HttpStatusError, type HttpClient } from "../../lib/http/client.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { answerShape } from "./schema.ts";

/** A call of the HTTP API; `path` begins after `/api2/json/`, each of its parts already encoded. */
export interface BackupCall<T> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Shape of what the answer has under `data`. */
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
  /** How long to wait for an answer that takes longer than {@link QUICK}. */
  readonly patience?: typeof SLOW;
  /** Whether to send no token: for the one path that is open to everybody. */
  readonly anonymous?: boolean;
}

/** Asks one Proxmox Backup Server. */
export type CallServer = <T>(call: BackupCall<T>) => Promise<T>;

/** For answers that the server has in memory or reads from one small file. */
const QUICK = seconds(10);
/** For answers that make the server walk through folders, which a cold disk makes slow. */
export const SLOW = seconds(30);

/** The server has a few worker threads only, and its disks have backups to write. */
const IN_FLIGHT = 3;
/** A datastore that hangs keeps calls of this kind for their whole time: one place is left to the others. */
const SLOW_IN_FLIGHT = 2;

/** How a server is reached: its client, URL, token id, and where the token's secret comes from. */
export interface ServerAccess {
  readonly http: HttpClient;
  readonly url: string;
  readonly tokenId: string;
  readonly readSecret: () => Promise<Secret>;
}

/**
 * Makes the function that calls a server, with at most three calls in flight, of which two may be slow. It throws
 * `CollectError`.
 * Source: https://pbs.proxmox.com/docs/user-management.html#api-tokens
 */
export function createCaller(access: ServerAccess): CallServer {
  const limit = pLimit(IN_FLIGHT);
  const slow = pLimit(SLOW_IN_FLIGHT);
  return (call) => {
    const ask = () => limit(() => askServer(access, call));
    return call.patience === undefined ? ask() : slow(ask);
  };
}

async function askServer<T>({ http, url, tokenId, readSecret }: ServerAccess, call: BackupCall<T>): Promise<T> {
  const where = `${url}/api2/json/${call.path}`;
  const query = call.query === undefined ? "" : `?${new URLSearchParams(call.query).toString()}`;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(call.patience ?? QUICK)]);
  const headers = call.anonymous === true ? {} : { Authorization: await authorization(tokenId, readSecret) };
  try {
    const { body } = await http.requestJson({ url: `${where}${query}`, headers, signal });
    return readShape(answerShape(call.shape), body, `GET ${where}`);
  } catch (thrown) {
    throw inServerWords(thrown);
  }
}

/** The server puts a colon before the secret where Proxmox VE has an equals sign. */
const authorization = async (tokenId: string, readSecret: () => Promise<Secret>): Promise<Secret> =>
  new Secret(`PBSAPIToken=${tokenId}:${(await readSecret()).reveal()}`);

/** The server answers 400 for whatever goes wrong in its own work, such as a datastore that can not be opened. */
function inServerWords(thrown: unknown): unknown {
  if (!(thrown instanceof HttpStatusError) || thrown.status !== 400) return thrown;
  return new CollectError("server_error", `${thrown.message}; its own log says why`, { cause: thrown });
}
