import { expect, it } from "vitest";
import { seconds } from "../../core/duration.ts";
import { SharedReadings } from "./shared-readings.ts";

it("one reading serves all who ask in a short time, those who ask at once too, and a failed one nobody later", async () => {
  const clock = { now: 1_000 };
  const readings = new SharedReadings<number>(seconds(30), () => clock.now);
  let count = 0;
  const read = async (): Promise<number> => ++count;
  const [first, second] = [readings.get("a", read), readings.get("a", read)];
  expect([await first.value, await second.value, await readings.get("b", read).value]).toEqual([1, 1, 2]);
  clock.now += 30_000;
  expect(readings.get("a", read)).toMatchObject({ at: 1_000 });
  clock.now++;
  const third = readings.get("a", read);
  expect([third.at, await third.value]).toEqual([31_001, 3]);
  const failing = async (): Promise<number> => Promise.reject(new Error("away"));
  await expect(readings.get("c", failing).value).rejects.toThrow("away");
  expect(await readings.get("c", read).value).toBe(4);
});
