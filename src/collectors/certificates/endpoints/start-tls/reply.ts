import type { Wire } from "../wire.ts";
import { notTheProtocol } from "./dialogue.ts";

/** A reply of SMTP or FTP. */
export interface Reply {
  readonly code: string;
  /** The text of each line, without code. */
  readonly lines: readonly string[];
  /** The first line as it came, for messages. */
  readonly text: string;
}

const FIRST_LINE = /^(\d{3})(?:([ -])(.*))?$/;

/**
 * Reads one reply of SMTP (RFC 5321 section 4.2.1) or FTP (RFC 959 section 4.2): lines up to the one with the first
 * line's code and a space. Throws `CollectError` `invalid_response` for anything else.
 */
export async function readReply(wire: Wire, protocol: string, what: string): Promise<Reply> {
  const text = await wire.line(what);
  const [, code, mark, rest] = FIRST_LINE.exec(text) ?? [];
  if (code === undefined) throw notTheProtocol(protocol, what, text);
  const lines = [rest ?? ""];
  let isLast = mark !== "-";
  while (!isLast) {
    const line = await wire.line(what);
    isLast = line === code || line.startsWith(`${code} `);
    lines.push(line.startsWith(code) ? line.slice(code.length + 1) : line);
  }
  return { code, lines, text };
}
