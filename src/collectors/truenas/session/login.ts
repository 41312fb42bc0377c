import { z } from "zod";
import type { CollectReason } from "../../../core/errors.ts";
import type { RpcBareCall } from "../../../lib/json-rpc/contract.ts";
import { RpcError } from "../../../lib/json-rpc/rpc-error.ts";
import { readSecret } from "../../../lib/secret-source.ts";
import { apiKeyPair, type TrueNasConfig } from "../config.ts";
import { errnameOf, inServerWords, isLoginLimited, loginFailed } from "./errors.ts";
import { beginScram, ScramError } from "./scram.ts";
import type { Dialect } from "../versions.ts";

const answerShape = z.object({ response_type: z.string() });
const scramShape = z.object({ response_type: z.literal("SCRAM_RESPONSE"), rfc_str: z.string() });

/** What a login that was not accepted answers, and what to do about it. */
const REFUSALS: ReadonlyMap<string | undefined, readonly [CollectReason, string]> = new Map([
  [
    "AUTH_ERR",
    [
      "unauthorized",
      "the API key is not accepted (AUTH_ERR). Check that `api_key` is the key as it was shown when it was made, that `username` is the user that it belongs to, and under Credentials > Users > API Keys that it was not revoked",
    ],
  ],
  [
    "EXPIRED",
    [
      "unauthorized",
      "the API key is expired or revoked (EXPIRED). TrueNAS revokes a key that was used over an unencrypted connection. Make a new one under Credentials > Users > API Keys",
    ],
  ],
  [
    "DENIED",
    [
      "forbidden",
      "the API key is right, but its user may not use the API (DENIED). Give a group of the user a privilege with the role Read-Only Administrator under Credentials > Groups > Privileges",
    ],
  ],
  [
    "OTP_REQUIRED",
    [
      "unauthorized",
      "the server wants a one-time password (OTP_REQUIRED), which an API key has none of. Check that `api_key` is an API key and not a password",
    ],
  ],
  [
    "REDIRECT",
    [
      "unexpected_status",
      "this is the controller that stands by, and the other one wants the login (REDIRECT). Use the name or the address that moves with the active controller as `url`",
    ],
  ],
]);

/** Everything that a login needs. */
interface LoginOptions {
  readonly call: RpcBareCall;
  readonly config: TrueNasConfig;
  readonly dialect: Dialect;
  /** For messages. */
  readonly host: string;
}

/**
 * Logs in with the key as its file has it now: by SCRAM where a name is given and the release has it, so that the key
 * does not leave; else with the key and the name, or the key alone. Throws `CollectError`, and never one that holds the
 * key.
 */
export async function login(options: LoginOptions): Promise<void> {
  const { config, dialect, host } = options;
  const { username } = config;
  const key = (await readSecret(apiKeyPair.source(config))).reveal();
  try {
    if (username === undefined || !dialect.keysHaveUsers) return await loginWithKey(options, key);
    if (dialect.scram) return await loginByScram(options, username, key);
    const asked = { mechanism: "API_KEY_PLAIN", username, api_key: key, login_options: { user_info: false } };
    demandSuccess(await options.call("auth.login_ex", [asked]), host);
  } catch (thrown) {
    throw withoutKey(thrown, host, key);
  }
}

async function loginWithKey({ call, host }: LoginOptions, key: string): Promise<void> {
  const answer = await call("auth.login_with_api_key", [key]);
  if (answer === true) return;
  if (answer !== false)
    throw loginFailed("unexpected_shape", host, "auth.login_with_api_key answers neither yes nor no");
  throw loginFailed(
    "unauthorized",
    host,
    "the API key is not accepted. Check that `api_key` is the key as it was shown when it was made, and that it was not revoked and is not expired",
  );
}

async function loginByScram({ call, host }: LoginOptions, username: string, key: string): Promise<void> {
  const [, keyId, secret] = /^(\d+)-(.+)$/s.exec(key) ?? [];
  if (keyId === undefined || secret === undefined)
    throw loginFailed(
      "unauthorized",
      host,
      "`api_key` is no API key of TrueNAS, which is a number, a dash and letters",
    );
  const send = async (scram_type: string, rfc_str: string): Promise<string> => {
    const answer = await call("auth.login_ex", [{ mechanism: "SCRAM", scram_type, rfc_str }]);
    const read = scramShape.safeParse(answer);
    return read.success ? read.data.rfc_str : refuse(answer, host);
  };
  const exchange = beginScram({ username, keyId, secret });
  const { final, isGenuine } = await exchange.answer(await send("CLIENT_FIRST_MESSAGE", exchange.first));
  if (isGenuine(await send("CLIENT_FINAL_MESSAGE", final))) return;
  throw loginFailed(
    "unexpected_shape",
    host,
    "the server could not prove that it knows the API key. Find out who answers there before you go on",
  );
}

function demandSuccess(answer: unknown, host: string): void {
  const read = answerShape.safeParse(answer);
  if (!read.success || read.data.response_type !== "SUCCESS") refuse(answer, host);
}

function refuse(answer: unknown, host: string): never {
  const read = answerShape.safeParse(answer);
  const refusal = REFUSALS.get(read.data?.response_type);
  if (refusal === undefined)
    throw loginFailed("unexpected_shape", host, "auth.login_ex answers what is not documented");
  throw loginFailed(refusal[0], host, refusal[1]);
}

/** The server's words may echo what it was sent, so that none of them is kept. */
function withoutKey(thrown: unknown, host: string, key: string): unknown {
  if (thrown instanceof ScramError) return loginFailed("unexpected_shape", host, thrown.message);
  if (!(thrown instanceof RpcError)) return thrown;
  const { failure } = thrown;
  if (isLoginLimited(failure))
    return loginFailed(
      "rate_limited",
      host,
      "the server refuses more logins from this address for now: at most 20 in a minute. Look for another program here that logs in too often",
    );
  const { reason } = inServerWords(thrown, "login", host) as RpcError;
  const name = errnameOf(failure) ?? `error ${failure.code ?? "without a number"}`;
  if (name.includes(key)) return loginFailed(reason, host, "the server refuses it");
  if (name === "EOPNOTSUPP")
    return loginFailed(
      "unauthorized",
      host,
      "the server does not take API keys at its security level (EOPNOTSUPP). See System > Advanced Settings > Security",
    );
  return loginFailed(reason === "unauthorized" ? "server_error" : reason, host, `the server fails with ${name}`);
}
