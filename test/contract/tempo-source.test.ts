import { describe } from "vitest";
import { startTempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { describeTraces } from "./traces-suite.ts";

describe("an emulated Tempo", () => {
  describeTraces(async () => ({ ...(await startTempoLab({ endCutoffMs: 0 })), kind: "tempo" }));
});

describe("an emulated Tempo with tenants", () => {
  describeTraces(async () => ({
    ...(await startTempoLab({ endCutoffMs: 0, isMultiTenant: true })),
    kind: "tempo",
    tenant: "shop",
  }));
});

// no registry has a Tempo: it is another's, and left out where there is none
const { TEMPO_URL: url, TEMPO_OTLP_URL: otlpUrl, TEMPO_TENANT: tenant } = process.env;
const given = url === undefined || otlpUrl === undefined ? [] : [{ url, otlpUrl, tenant }];

describe.each(given)("a real Tempo at $url", (real) => {
  describeTraces(async () => Promise.resolve({ ...real, kind: "tempo", close: async () => Promise.resolve() }));
});
