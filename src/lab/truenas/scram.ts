import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { callError, FailedCall } from "./failure.ts";
import type { ReceivedCall } from "./methods/core-contract.ts";
import type { LabApiKey } from "./model/system.ts";

/** The real server has 500,000; the lab is spared the time. */
const ITERATIONS = 10_000;
const NONCE_BYTES = 32;
const NO_BINDING: ReadonlySet<string> = new Set(["n", "y"]);
const BINDING = "p=tls-server-end-point";

const hmac = (key: Buffer, data: string): Buffer => createHmac("sha512", key).update(data).digest();

/**
 * Answers the client's first message of a login by SCRAM-SHA-512, which names the user and the key's id; undefined when
 * the login is refused. Nonces are joined as bytes before they are written in base64.
 * Source: https://github.com/truenas/api_client, truenas_api_client/py_scram; RFC 5802
 */
export function startScram(call: ReceivedCall, text: string, admits: (key: LabApiKey) => boolean): string | undefined {
  const { nas, session } = call;
  const [, gs2Header = "", bare = "", username, id, nonceText = ""] =
    /^(.*?),,(n=([^:,]+):(\d+),r=([^,]+))$/.exec(text) ?? [];
  const nonce = Buffer.from(nonceText, "base64");
  const key = nas.state.system.apiKeys.find((each) => each.id === Number(id) && each.username === username);
  const known = NO_BINDING.has(gs2Header) || gs2Header === BINDING;
  if (key === undefined || !admits(key) || nonce.length !== NONCE_BYTES || !known) return undefined;
  const salt = randomBytes(16);
  const joined = Buffer.concat([nonce, randomBytes(NONCE_BYTES)]).toString("base64");
  const serverFirst = `r=${joined},s=${salt.toString("base64")},i=${ITERATIONS}`;
  const salted = pbkdf2Sync(key.key.replace(/^\d+-/, ""), salt, ITERATIONS, 64, "sha512");
  session.scram = { key, gs2Header, clientFirstBare: bare, serverFirst, nonce: joined, salted };
  return serverFirst;
}

/** Answers the client's final message, which proves the key, and logs in; undefined when the login is refused. */
export function continueScram({ nas, session }: ReceivedCall, text: string): string | undefined {
  const login = session.scram;
  if (login === undefined) throw new FailedCall(callError("EFAULT", "SCRAM authentication is not in progress"));
  session.scram = undefined;
  const [, withoutProof = "", binding, nonce, proofText = ""] = /^(c=([^,]+),r=([^,]+)),p=([^,]+)$/.exec(text) ?? [];
  const bound = login.gs2Header === BINDING ? nas.certificate : Buffer.alloc(0);
  const expected = Buffer.concat([Buffer.from(`${login.gs2Header},,`), bound]).toString("base64");
  const proof = Buffer.from(proofText, "base64");
  if (binding !== expected || nonce !== login.nonce || proof.length !== 64) return undefined;
  const said = `${login.clientFirstBare},${login.serverFirst},${withoutProof}`;
  const clientKey = hmac(login.salted, "Client Key");
  const storedKey = createHash("sha512").update(clientKey).digest();
  const signature = hmac(storedKey, said);
  if (!timingSafeEqual(xor(proof, signature), clientKey)) return undefined;
  session.key = login.key;
  return `v=${hmac(hmac(login.salted, "Server Key"), said).toString("base64")}`;
}

const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, at) => byte ^ (right[at] ?? 0)));
