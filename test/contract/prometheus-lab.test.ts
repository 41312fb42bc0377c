import { describe } from "vitest";
import { startPrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import { declarePrometheusSuite, SUITE_EXEMPLARS, SUITE_FAMILIES } from "./prometheus-suite.ts";

describe("the stand-in for Prometheus", () => {
  declarePrometheusSuite(() => startPrometheusLab({ families: SUITE_FAMILIES, exemplars: SUITE_EXEMPLARS }));
});
