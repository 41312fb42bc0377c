import { request } from "undici";
import { describe, expect, it } from "vitest";
import { startPrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import { declarePrometheusSuite, SUITE_END, SUITE_EXEMPLARS, SUITE_FAMILIES } from "./prometheus-suite.ts";

describe("the stand-in for Prometheus", () => {
  declarePrometheusSuite(() => startPrometheusLab({ families: SUITE_FAMILIES, exemplars: SUITE_EXEMPLARS }));

  it("lets go of what is older than it keeps", async () => {
    const lab = await startPrometheusLab({ retentionMs: 600_000 });
    const points = Array.from({ length: 100 }, (_, i) => [SUITE_END + i * 15_000, i] as const);
    const series = [{ name: "level", labels: {}, points }];
    await lab.take({ families: [{ name: "level", kind: "gauge", help: "", series }], exemplars: [] });
    const at = (SUITE_END + 99 * 15_000) / 1000;
    const { body } = await request(`${lab.url}/api/v1/query?query=count_over_time(level[1h])&time=${at}`);
    expect(await body.text()).toContain(`[${at},"40"]`);
    await lab.close();
  });
});
