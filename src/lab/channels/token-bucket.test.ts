import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("so many at once, then one after each interval, and the wait is told in whole seconds", () => {
  let now = 0;
  const bucket = new TokenBucket({ burst: 2, everyMs: 5_000 }, () => now);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 5]);
  now = 4_900;
  expect(bucket.take()).toBe(1);
  now = 5_000;
  expect([bucket.take(), bucket.take()]).toEqual([0, 5]);
  now = 1_000_000;
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 5]);
});
