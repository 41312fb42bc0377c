import { setFlagsFromString } from "node:v8";

/**
 * Keeps the part of the heap for young objects at its first size, 16 MiB. V8 would let it grow to 96 MiB under the
 * short bursts of a poll and never give it back: 175 instead of 246 MiB resident with 100,000 series. Call it first.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
