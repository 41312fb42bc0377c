import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { isNestedTooDeep, MOST_LEVELS } from "../json-depth.ts";
import type { HttpResponse } from "./contract.ts";

/** A request body as JSON text with each secret in it revealed, only for the wire, and those secrets. */
export function encodeJson(value: unknown): { readonly text: string; readonly secrets: readonly Secret[] } {
  const secrets: Secret[] = [];
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key: string, shown: unknown): unknown {
    // `shown` went through toJSON already, which hides a secret.
    const original = this[key];
    if (!(original instanceof Secret)) return shown;
    secrets.push(original);
    return original.reveal();
  });
  return { text, secrets };
}

/** What a body stream needs to have: the chunks, and `destroy` to cut it off. */
export interface BodyStream extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
}

/** Cuts a body off, which closes its connection; what it still says about that is of no interest. */
export function discardBody(stream: BodyStream): void {
  stream.on("error", () => {});
  stream.destroy();
}

/**
 * Reads a body of at most `maxBytes`. A body that says or turns out to be larger is cut off and fails with
 * `body_too_large`; at most one chunk more than the bound is ever held.
 */
export async function readBytes(
  stream: BodyStream,
  contentLength: number | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (contentLength !== undefined && contentLength > maxBytes) {
    discardBody(stream);
    throw tooLarge(maxBytes, `${contentLength} bytes announced`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    // Leaving the loop by a throw destroys the stream and its socket.
    if (size > maxBytes) throw tooLarge(maxBytes, "cut off there");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** A body as UTF-8, without its byte order mark; what is not UTF-8 becomes U+FFFD. */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function tooLarge(maxBytes: number, how: string): CollectError {
  return new CollectError("body_too_large", `the answer is larger than ${maxBytes} bytes (${how})`);
}

/**
 * Parses an answer that must be JSON or fails with `invalid_response`, and with `unexpected_shape` when it is nested
 * too deep to be looked at; what it is instead is said in words, never by a piece of it.
 */
export function parseJson({ text, headers }: Pick<HttpResponse, "text" | "headers">, where: string): unknown {
  if (isNestedTooDeep(text))
    throw new CollectError("unexpected_shape", `${where}: JSON of more than ${MOST_LEVELS} levels`);
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the text, so neither it nor a `cause` may go out.
    throw new CollectError(
      "invalid_response",
      `${where}: ${describeNonJson(text, firstOf(headers["content-type"]), error)}`,
    );
  }
}

function describeNonJson(text: string, contentType: string | undefined, error: unknown): string {
  const start = text.trimStart();
  if (start === "") return "an empty answer instead of JSON";
  if (start.startsWith("<") && (/^<(!doctype html|html|head|body)/i.test(start) || contentType?.includes("html"))) {
    return "HTML instead of JSON";
  }
  if (!/^[[{"]/.test(start)) return "not JSON";
  const message = error instanceof Error ? error.message : "";
  const position = /at position (\d+)/.exec(message)?.[1];
  const atEnd = position === undefined ? /end of JSON|Unterminated/.test(message) : Number(position) >= text.length;
  if (atEnd) return `JSON that is cut off after ${text.length} characters`;
  return `not JSON${position === undefined ? "" : ` (at character ${Number(position) + 1} of ${text.length})`}`;
}

/** The first value of a header of an answer. */
export function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
