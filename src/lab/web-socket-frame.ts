/**
 * The header of an unmasked frame: text in one piece, or a piece of one when `of` says so. Source: RFC 6455, section
 * 5.2
 */
export function frameHeader(bytes: number, of: "whole" | "first" | "more" | "last" = "whole"): Buffer {
  const header = Buffer.alloc(10);
  header[0] = FIRST_BYTES[of];
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header;
}

const FIRST_BYTES = { whole: 0x81, first: 0x01, more: 0x00, last: 0x80 } as const;
