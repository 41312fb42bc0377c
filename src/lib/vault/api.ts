import type { z } from "zod";
import { CollectError, NoData, asCollectError, type CollectReason } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { HttpStatusError, type HttpClient } from "../http/client.ts";
import { readShape } from "../answers/read-shape.ts";

/** One node of a cluster, by its own address. */
export interface VaultNode {
  readonly url: string;
  /** Value of the `node` label: host and port. */
  readonly name: string;
}

/** A call of the HTTP API; `path` begins after `/v1/`. */
export interface VaultCall<T> {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
}

/** The node of a URL of the configuration. */
export function vaultNode(url: string): VaultNode {
  return { url, name: new URL(url).host };
}

/**
 * Calls one node, with or without a token. Throws `CollectError`, or `NoData` where the node has nothing of the kind.
 */
export async function callNode<T>(http: HttpClient, node: VaultNode, call: VaultCall<T>, token?: Secret): Promise<T> {
  const method = call.method ?? "GET";
  const url = `${node.url}/v1/${call.path}`;
  try {
    const answer = await http.requestJson({
      method,
      url,
      signal: call.signal,
      headers: { "X-Vault-Request": "true", ...(token && { "X-Vault-Token": token }) },
      ...(call.body !== undefined && { body: call.body }),
    });
    return readShape(call.shape, answer.body, `${method} ${url.split("?")[0]}`);
  } catch (thrown) {
    throw inVaultWords(thrown);
  }
}

/** What Vault writes into its `errors` list, and what that means. */
const KNOWN_ERRORS: readonly { status: number; text: RegExp; reason: CollectReason | "no_data" }[] = [
  { status: 503, text: /vault is sealed/i, reason: "sealed" },
  { status: 500, text: /node not active but active/i, reason: "no_leader" },
  { status: 500, text: /no active (?:node|vault)/i, reason: "no_leader" },
  { status: 400, text: /vault is not initialized/i, reason: "not_initialized" },
  { status: 501, text: /.*/, reason: "not_initialized" },
  { status: 400, text: /raft storage is not in use/i, reason: "no_data" },
  { status: 404, text: /unsupported path/i, reason: "no_data" },
  { status: 400, text: /prometheus is not enabled/i, reason: "no_data" },
  { status: 400, text: /no default issuer currently configured/i, reason: "no_data" },
  { status: 500, text: /no default issuer currently configured/i, reason: "no_data" },
  { status: 500, text: /unable to find (?:PKI issuer|CRL) for/i, reason: "no_data" },
];

/** A failed call, told by what Vault wrote into its list of errors. */
export function inVaultWords(thrown: unknown): Error {
  if (!(thrown instanceof HttpStatusError)) return asCollectError(thrown);
  const texts = errorTexts(thrown.body);
  const known = KNOWN_ERRORS.find(({ status, text }) => status === thrown.status && texts.some((t) => text.test(t)));
  if (known === undefined) return thrown;
  if (known.reason === "no_data") return new NoData(texts.join("; "));
  return new CollectError(known.reason, thrown.message, { cause: thrown });
}

function errorTexts(body: unknown): readonly string[] {
  const errors = typeof body === "object" && body !== null && "errors" in body ? body.errors : undefined;
  const texts = Array.isArray(errors) ? errors.filter((text) => typeof text === "string") : [];
  return texts.length === 0 ? [""] : texts;
}
