import { expect, it } from "vitest";
import { retryAfterOf } from "./http-channel.ts";

const receivedAt = new Date("2026-11-20T10:00:00Z");

it.each([
  ["7", 7_000],
  ["0.4", 400],
  ["Fri, 20 Nov 2026 10:00:30 GMT", 30_000],
  // what asks for no wait, or for none that can be read, says nothing
  ["0", undefined],
  ["-30", undefined],
  ["garbage 9", undefined],
  ["1e9", undefined],
  ["Fri, 20 Nov 2026 09:00:00 GMT", undefined],
  ["", undefined],
])("a Retry-After of %j asks for %s ms", (text, ms) => {
  expect(retryAfterOf({ headers: { "retry-after": text }, receivedAt })).toBe(ms);
});
