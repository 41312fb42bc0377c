import type { FormatFault, FormatFaultReason } from "../certificate.ts";

/** How many certificates and revocation lists of one container are read. */
export const MAX_ITEMS = 10_000;

/** Encodings (DER) that a container holds, in its order, before they are read. */
export interface Found {
  readonly items: readonly FoundItem[];
  readonly faults: readonly FormatFault[];
}

/** One certificate or revocation list; `where` says in words which one it is. */
export interface FoundItem {
  readonly kind: "certificate" | "crl";
  readonly der: Uint8Array;
  readonly where: string;
}

/** Why a container could not be read; the message never holds what stands in it. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly reason: FormatFaultReason;

  constructor(reason: FormatFaultReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A thrown value as a fault: that of a {@link FormatError}, or `reason` for any other. */
export function faultOf(thrown: unknown, reason: FormatFaultReason, where: string): FormatFault {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { reason: thrown instanceof FormatError ? thrown.reason : reason, detail: `${where}: ${message}` };
}
