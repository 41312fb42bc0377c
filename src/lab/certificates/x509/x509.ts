import { randomBytes } from "node:crypto";
import type * as x509Module from "@peculiar/x509";

/** The library that makes certificates. */
export type X509 = typeof x509Module;

/** The library refuses to load without a metadata polyfill, but making certificates uses none of it. */
export async function loadX509(): Promise<X509> {
  if (!("getMetadata" in Reflect)) {
    const nothing = (): undefined => undefined;
    Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing });
  }
  return import("@peculiar/x509");
}

/** 19 random bytes as hexadecimal, with the top bit clear: positive, and within the 20 bytes that RFC 5280 allows. */
export function serialNumber(): string {
  const bytes = randomBytes(19);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** Ends the text with a new line, so that several PEM texts can be joined into a bundle. */
export const line = (pem: string): string => `${pem.trimEnd()}\n`;
