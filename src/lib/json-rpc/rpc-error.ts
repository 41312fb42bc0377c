import { CollectError, type CollectReason } from "../../core/errors.ts";
import { REDACTED, Secret } from "../../core/secret.ts";
import { printable } from "../http/request-text.ts";
import type { RpcFailure } from "./contract.ts";

/** A call that the server refused or failed. `message` names the method and the server's code, never its parameters. */
export class RpcError extends CollectError {
  // Private with a getter, so that no log line or debugger prints what a server may have echoed: some send the stack of
  // their fault, with the arguments of every function in it.
  readonly #failure: RpcFailure;

  constructor(reason: CollectReason, message: string, failure: RpcFailure) {
    super(reason, message);
    this.#failure = failure;
  }

  get failure(): RpcFailure {
    return this.#failure;
  }
}

/**
 * The numbers of https://www.jsonrpc.org/specification#error_object that say who must act; any other is the server's
 * fault.
 */
const REASON_OF_CODE: Readonly<Record<number, CollectReason>> = {
  [-32601]: "not_found",
  [-32700]: "internal",
  [-32600]: "internal",
  [-32602]: "internal",
};

/** Names a refusal; texts of the call's own parameters are taken out of what the server says. */
export function createRefusal(where: string, failure: RpcFailure, params: readonly unknown[] = []): RpcError {
  const { code, message } = failure;
  const reason = code === undefined ? "server_error" : (REASON_OF_CODE[code] ?? "server_error");
  const said = printable(withoutTexts(message, textsOf(params)));
  const number = code === undefined ? "" : ` (${code})`;
  return new RpcError(reason, `${where}: ${said === "" ? "refused without a word" : said}${number}`, failure);
}

/** Shorter texts would redact ordinary words, and a credential is never that short. */
const SHORTEST = 6;

function textsOf(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value === "string") return value.length < SHORTEST ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The longest first, so that no part of a longer one stays behind. */
function withoutTexts(said: string, texts: readonly string[]): string {
  const sorted = texts.filter((text) => text !== "").toSorted((a, b) => b.length - a.length);
  return sorted.reduce((rest, text) => rest.replaceAll(text, REDACTED), said);
}
