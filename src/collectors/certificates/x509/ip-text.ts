import { SocketAddress } from "node:net";
import { hex } from "./der-values.ts";

/** The usual text of the 4 or 16 bytes of an IP address (RFC 5952); undefined for any other number of bytes. */
export function ipText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return undefined;
  const groups = hex(bytes).match(/.{4}/g) ?? [];
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}
