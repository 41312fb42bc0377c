import type { CollectReason } from "../../core/errors.ts";

/** Why a connection is no more. */
export interface Loss {
  readonly reason: CollectReason;
  readonly what: string;
}

/** What the codes of https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 mean when the server closes. */
const BY_CLOSE_CODE: Readonly<Record<number, string>> = {
  1001: "the server goes away",
  1003: "the server does not take such a message",
  1007: "the server could not read what it was sent",
  1008: "the server allows no connection from this address, or refuses what it was sent",
  1009: "the server takes no message as large as what it was sent",
  1011: "the server had a fault of its own",
  1012: "the server restarts",
  1013: "the server has too much to do",
};

/** Not a matter of the way there, and no better at the next attempt. */
const NOT_ALLOWED = 1008;

/** A socket that was closed; 1005 and 1006 stand for no code at all, as after a reset. */
export function describeClose(code: number | undefined): Loss {
  const why = code === undefined ? undefined : BY_CLOSE_CODE[code];
  const named =
    code === undefined || code === 1005 || code === 1006 ? "" : ` (${code}${why === undefined ? "" : `: ${why}`})`;
  const reason = code === NOT_ALLOWED ? "forbidden" : "connection_reset";
  return { reason, what: `the socket was closed before the answer came${named}` };
}

const TOO_LARGE = new Set(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"]);

/** A socket that broke, or on which something came that is no WebSocket's. */
export function describeFault(error: Error, maxMessageBytes: number): Loss {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (TOO_LARGE.has(code))
    return { reason: "body_too_large", what: `a message is larger than ${maxMessageBytes} bytes` };
  if (code === "WS_ERR_TOO_MANY_BUFFERED_PARTS") {
    return { reason: "body_too_large", what: "a message comes in more pieces than are held" };
  }
  if (code.startsWith("WS_ERR_")) return { reason: "invalid_response", what: `what came is no WebSocket's (${code})` };
  return { reason: "connection_reset", what: `the connection broke${code === "" ? "" : ` (${code})`}` };
}
