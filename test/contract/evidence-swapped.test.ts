import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkEvidence } from "../../src/app/evidence/check-evidence.ts";
import { EvidenceDesk } from "../../src/app/evidence/desk.ts";
import { evidenceSchema } from "../../src/config/evidence-schema.ts";
import type { EvidenceSignal } from "../../src/core/evidence.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startPrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import { startTempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { patience } from "./elasticsearch-source-fixtures.ts";

const NAMES = ["Elasticsearch", "Tempo", "Prometheus"] as const;
type Name = (typeof NAMES)[number];

interface Lab {
  readonly url: string;
  close(): Promise<void>;
}
let labs: Readonly<Record<Name, Lab>>;
beforeAll(async () => {
  labs = {
    Elasticsearch: await startElasticsearchLab(),
    Tempo: await startTempoLab(),
    Prometheus: await startPrometheusLab(),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(labs).map((lab) => lab.close()));
});

const configOf = (wanted: Name, url: string) =>
  evidenceSchema.parse({
    ...(wanted === "Elasticsearch" && { elasticsearch: { nodes: [url], indices: ["logs-*"] } }),
    ...(wanted === "Tempo" && { traces: { kind: "tempo", url } }),
    ...(wanted === "Prometheus" && { prometheus: { url } }),
  });

const SIGNALS: Readonly<Record<Name, EvidenceSignal>> = {
  Elasticsearch: "logs",
  Tempo: "traces",
  Prometheus: "metrics",
};
const SWAPS = NAMES.flatMap((wanted) => NAMES.filter((name) => name !== wanted).map((name) => [wanted, name] as const));

describe("a URL that is another's", () => {
  it.each(SWAPS)("is told by the check and in the bundle: %s is %s", async (wanted, answers) => {
    const evidence = configOf(wanted, labs[answers].url);
    const words = new RegExp(`this is no ${wanted}: it answered as ${answers}`);
    const [source] = await checkEvidence({ evidence, prometheus: undefined }, patience());
    expect(source?.findings[0]).toMatchObject({ ok: false, message: expect.stringMatching(words) as string });

    const desk = await EvidenceDesk.open({
      evidence,
      prometheus: evidence.prometheus,
      externalUrl: undefined,
      relations: [],
      inhibitions: [],
      store: undefined,
    });
    const window = { from: Date.now() - 600_000, to: Date.now() };
    const bundle = await desk.aboutLabels({ labels: { service: "shop" }, window }, patience());
    await desk.close();
    const report = bundle.reports.find(({ signal }) => signal === SIGNALS[wanted]);
    expect(report).toMatchObject({ verdict: "source_down", said: expect.stringMatching(words) as string });
  });
});

it("a Prometheus that answers is found well by the check", async () => {
  const evidence = configOf("Prometheus", labs.Prometheus.url);
  expect(await checkEvidence({ evidence, prometheus: undefined }, patience())).toMatchObject([
    { source: "prometheus", findings: [{ ok: true, message: "answers queries" }] },
  ]);
});
