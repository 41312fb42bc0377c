import { openPrometheus } from "../../src/app/prometheus.ts";
import { seconds } from "../../src/core/duration.ts";
import type { BundleQuestion } from "../../src/core/evidence.ts";
import { makeBundle } from "../../src/correlation/bundle.ts";
import { openElasticsearch } from "../../src/correlation/elasticsearch/source.ts";
import type { EvidenceSources } from "../../src/correlation/gather.ts";
import { metricChanges } from "../../src/correlation/prometheus/changes.ts";
import { openMetricSource } from "../../src/correlation/prometheus/source.ts";
import { openTempo } from "../../src/correlation/tempo/source.ts";
import { questionOf } from "../quality/incident.ts";
import { printNumber } from "../figures.ts";
import { report, type Report } from "../report.ts";
import { startLabs, type Labs } from "./labs.ts";

const RUNS = 5;
const DEADLINE = seconds(30);
const SERVER = { caFile: undefined, fingerprint: undefined, serverName: undefined, login: undefined } as const;

/** What one bundle took, in seconds. */
interface Timed {
  readonly whole: number;
  /** The slowest source: no bundle is there before. */
  readonly slowest: number;
}

/**
 * Measures a whole bundle against stand-ins of Elasticsearch, Tempo and Prometheus in processes of their own: from the
 * question to the document. The limit is the slowest source, asked alone in the same run.
 */
export async function measureBundle(): Promise<Report> {
  const labs = await startLabs();
  try {
    const opened = await openSources(labs);
    const question = questionOf(labs.prometheus, 1);
    const runs: Timed[] = [];
    // the first one loads the clients
    await run(opened.sources, question);
    for (let at = 0; at < RUNS; at += 1) runs.push(await run(opened.sources, question));
    await opened.close();
    return reportOf(labs, runs);
  } finally {
    await labs.stop();
  }
}

async function openSources(
  labs: Labs,
): Promise<{ readonly sources: EvidenceSources; readonly close: () => Promise<void> }> {
  const logs = await openElasticsearch({
    ...SERVER,
    nodes: [labs.elasticsearch.url],
    apiKey: undefined,
    indices: ["logs-shop"],
    fields: {},
    kibanaUrl: undefined,
  });
  const traces = await openTempo({ ...SERVER, kind: "tempo", url: labs.tempo.url, tenant: undefined });
  const prometheus = await openPrometheus({ url: labs.prometheus.url });
  const metrics = openMetricSource(prometheus.target);
  return {
    sources: { logs, traces, metrics, changes: [metricChanges(metrics)] },
    close: async () => {
      await Promise.all([logs.close(), traces.close(), metrics.close()]);
    },
  };
}

async function run(sources: EvidenceSources, question: BundleQuestion): Promise<Timed> {
  const { signal } = new AbortController();
  const begun = performance.now();
  const links = {
    externalUrl: "https://watchkeeper.example",
    prometheusUrl: undefined,
    kibanaUrl: undefined,
    grafana: undefined,
  };
  const bundle = await makeBundle(question, { sources, links, scrub: (text) => text, deadline: DEADLINE, signal });
  const down = bundle.reports.filter(({ verdict }) => verdict === "source_down").map(({ said }) => said);
  if (down.length > 0) throw new Error(down.join("; "));
  return { whole: (performance.now() - begun) / 1_000, slowest: await slowestSource(sources, question) };
}

/** Each source alone, one after the other. */
async function slowestSource({ logs, traces, metrics }: EvidenceSources, question: BundleQuestion): Promise<number> {
  const { scope, limits, seed, window, baseline } = question;
  const { signal } = new AbortController();
  const { filter } = scope;
  const times = { window, baseline };
  const subjects = scope.entities.map(({ labels }) => labels);
  const asked = [
    () => logs?.read({ ...times, filter, lines: limits.lines, seed }, signal),
    () => traces?.read({ ...times, filter, traces: limits.traces }, signal),
    () => metrics?.read({ ...times, subjects, series: limits.series }, signal),
  ];
  const took: number[] = [];
  for (const ask of asked) {
    const begun = performance.now();
    await ask();
    took.push((performance.now() - begun) / 1_000);
  }
  return Math.max(...took);
}

function reportOf({ prometheus: lab }: Labs, runs: readonly Timed[]): Report {
  // the quickest run, which others on the machine disturbed least
  const [whole, slowest] = [Math.min(...runs.map((one) => one.whole)), Math.min(...runs.map((one) => one.slowest))];
  const rss = process.resourceUsage().maxRSS * 1024;
  return report([
    {
      what: "a bundle from stand-ins of Elasticsearch, Tempo and Prometheus (wall)",
      unit: "s",
      ours: whole,
      against: { name: "the slowest source alone", value: slowest },
      figure: "bundle_s",
      aim: { is: "<", value: 2 },
      ratio: { of: "ours / theirs", figure: "bundle_vs_source" },
      note: `of ${printNumber(lab.lines)} lines, ${printNumber(lab.spans)} spans, ${printNumber(lab.series)} series`,
    },
    { what: "  most resident memory of who asks", unit: "MB", ours: rss / 1e6, figure: "rss_mb" },
  ]);
}
