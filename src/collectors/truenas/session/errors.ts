import { CollectError, type CollectReason } from "../../../core/errors.ts";
import { oneLine, clip } from "../../../lib/text.ts";
import { RpcError } from "../../../lib/json-rpc/rpc-error.ts";
import type { RpcFailure } from "../../../lib/json-rpc/contract.ts";

const MOST_CHARACTERS = 200;

/** By the middleware's own numbers: JSON-RPC's, and -32000 for more than 20 calls at once. */
const REASON_OF_CODE: ReadonlyMap<number | undefined, CollectReason> = new Map([
  [-32_601, "not_found"],
  [-32_000, "rate_limited"],
]);

/** By the names of errno and the middleware's own ones; what is not here is the server's trouble. */
const REASON_OF_NAME: ReadonlyMap<string | undefined, CollectReason> = new Map([
  ["EACCES", "forbidden"],
  ["EPERM", "forbidden"],
  ["ENOTAUTHENTICATED", "unauthorized"],
  ["ENOMETHOD", "not_found"],
  ["ENOSERVICE", "not_found"],
  ["ENOENT", "not_found"],
]);

/** The middleware's own numbers, for answers that have no name with them. */
const NAME_OF_NUMBER: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [13, "EACCES"],
  [16, "EBUSY"],
  [22, "EINVAL"],
  [201, "ENOMETHOD"],
  [202, "ENOSERVICE"],
  [207, "ENOTAUTHENTICATED"],
]);

/** The name of the error, such as EACCES; undefined when the answer has none. Both wires carry it in `data`. */
export function errnameOf({ data, message }: RpcFailure): string | undefined {
  const { errname, error } = fieldsOf(data);
  if (typeof errname === "string" && errname !== "") return errname;
  if (typeof error === "number") return NAME_OF_NUMBER.get(error);
  return /^\[([A-Z]+)\]/.exec(message)?.[1];
}

/** Whether the server no longer knows who is on the socket. */
export const isSessionLost = (failure: RpcFailure): boolean => errnameOf(failure) === "ENOTAUTHENTICATED";

/** Whether the server refuses more logins for a while. */
export const isLoginLimited = (failure: RpcFailure): boolean =>
  reasonOf(failure) === "rate_limited" || (errnameOf(failure) === "EBUSY" && /rate limit/i.test(saidOf(failure)));

/**
 * A refusal in the pack's words: its reason, and a message that names method and server, never parameters. What is no
 * refusal by the server stays as it is.
 */
export function inServerWords(thrown: unknown, method: string, host: string): unknown {
  if (!(thrown instanceof RpcError)) return thrown;
  const { failure } = thrown;
  const name = errnameOf(failure) ?? (failure.code === undefined ? "refused" : `error ${failure.code}`);
  const said = clip(oneLine(saidOf(failure)), MOST_CHARACTERS);
  const message = `${method} on ${host}: ${name}${said === "" ? "" : `: ${said}`}`;
  return new RpcError(reasonOf(failure), message, failure);
}

/** Whether the method ran and failed, in contrast to a server that was not reached or a call that is not allowed. */
export const isOwnTrouble = (thrown: unknown): thrown is RpcError =>
  thrown instanceof RpcError && thrown.reason === "server_error";

/** A failure of the login, with what to do about it. */
export const loginFailed = (reason: CollectReason, host: string, what: string): CollectError =>
  new CollectError(reason, `login at ${host}: ${what}`);

function reasonOf(failure: RpcFailure): CollectReason {
  const byName = REASON_OF_NAME.get(errnameOf(failure));
  if (byName !== undefined) return byName;
  const byCode = REASON_OF_CODE.get(failure.code);
  if (byCode !== undefined) return byCode;
  // the middleware gives a missing role the number of a general failure on some releases
  return /\bnot authorized\b/i.test(saidOf(failure)) ? "forbidden" : "server_error";
}

/** What the server says for people; `[EACCES] ` in front is told apart already. */
function saidOf({ data, message }: RpcFailure): string {
  const { reason } = fieldsOf(data);
  return (typeof reason === "string" && reason !== "" ? reason : message).replace(/^\[[A-Z]+\]\s*/, "");
}

const fieldsOf = (data: unknown): Readonly<Record<string, unknown>> =>
  typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
