import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { createSloMetrics } from "./metrics.ts";

it("metrics of looks at SLOs are absent until they are known, and keep when the last one succeeded", async () => {
  const registry = new Registry();
  const metrics = createSloMetrics(registry);
  const samples = async () => (await registry.metrics()).split("\n").filter((line) => line.startsWith("watchkeeper"));
  expect(await samples()).toEqual([]);
  metrics.failed();
  expect(await samples()).toEqual(["watchkeeper_slo_reading_success 0"]);
  metrics.read(1_800_000_000, 2);
  metrics.failed();
  expect(await samples()).toEqual([
    "watchkeeper_slo_reading_success 0",
    "watchkeeper_slo_reading_last_success_timestamp_seconds 1800000000",
    "watchkeeper_slo_unreadable_objectives 2",
  ]);
});
