import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { createEvidenceMetrics } from "./metrics.ts";

it("counts what came of it, every outcome from the start, and how long it took", async () => {
  const registry = new Registry();
  const observer = createEvidenceMetrics(registry, () => 0);
  expect(await registry.metrics()).toContain('watchkeeper_evidence_bundles_total{outcome="failed"} 0\n');
  observer.gathered("attached", 0.3);
  observer.gathered("attached", 200);
  observer.gathered("nothing", 3);
  const text = await registry.metrics();
  for (const line of [
    'watchkeeper_evidence_bundles_total{outcome="attached"} 2',
    'watchkeeper_evidence_bundles_total{outcome="nothing"} 1',
    'watchkeeper_evidence_bundles_total{outcome="unchanged"} 0',
    'watchkeeper_evidence_duration_seconds_bucket{le="0.5"} 1',
    'watchkeeper_evidence_duration_seconds_bucket{le="120"} 2',
    "watchkeeper_evidence_duration_seconds_count 3",
    "watchkeeper_evidence_duration_seconds_sum 203.3",
  ])
    expect(text).toContain(`${line}\n`);
});

it("says how many wait, and nothing in a replica that does not look", async () => {
  const registry = new Registry();
  let waiting: number | undefined;
  createEvidenceMetrics(registry, () => waiting);
  const sample = /^watchkeeper_evidence_waiting_groups (.*)$/m;
  const shown = async () => sample.exec(await registry.metrics())?.[1];
  expect(await shown()).toBeUndefined();
  waiting = 7;
  expect(await shown()).toBe("7");
  waiting = 0;
  expect(await shown()).toBe("0");
  waiting = undefined;
  expect(await shown()).toBeUndefined();
});
