import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { readExposition } from "../../../test/helpers/read-exposition.ts";
import { createExposition } from "./exposition.ts";
import { collectProcessMetrics } from "./process-metrics.ts";

async function read(): Promise<Record<string, number>> {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const page = await createExposition({ selfMetrics: registry }).render({ format: "text" });
  const families = readExposition(Buffer.concat(page.chunks).toString(), "text");
  return Object.fromEntries(families.map(({ name, samples }) => [name, Number(samples[0]?.value)]));
}

describe("collectProcessMetrics", () => {
  it("tells CPU time, start, heap and memory of this process", async () => {
    const found = await read();
    expect(found["process_cpu_seconds_total"]).toBeGreaterThan(0);
    expect(Math.abs((found["process_start_time_seconds"] ?? 0) - performance.timeOrigin / 1_000)).toBeLessThan(5);
    expect(found["process_resident_memory_bytes"]).toBeGreaterThan(2 ** 24);
    expect(found["nodejs_heap_size_used_bytes"]).toBeLessThanOrEqual(found["nodejs_heap_size_total_bytes"] ?? 0);
    expect(found["nodejs_external_memory_bytes"]).toBeGreaterThan(0);
    expect(found["nodejs_version_info"]).toBe(1);
  });

  it.runIf(process.platform === "linux")("tells open files and their limit on Linux", async () => {
    const found = await read();
    expect(found["process_open_fds"]).toBeGreaterThan(2);
    expect(found["process_max_fds"]).toBeGreaterThanOrEqual(found["process_open_fds"] ?? Infinity);
  });
});
