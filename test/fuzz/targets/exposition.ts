import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { Registry } from "prom-client";
import { minutes } from "../../../src/core/duration.ts";
import { counter, gauge, info, type Family, type Metric } from "../../../src/core/metric.ts";
import { createExposition } from "../../../src/exporters/prometheus/exposition.ts";
import type { Format } from "../../../src/exporters/prometheus/format.ts";
import { runProgram } from "../../helpers/process.ts";
import { findProgram } from "../../helpers/programs.ts";
import { readExposition } from "../../helpers/read-exposition.ts";
import { jsonForm } from "../forms.ts";
import { defineTarget, must } from "../target.ts";

interface Scrape {
  readonly target: string;
  readonly families: readonly Family[];
}

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/);
const label = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/).filter((text) => text !== "target");
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: fc.constantFrom("\\", '"', "\n", "\r", "}", "{", ",", "n", "\0", "#", " ", "\u2028", "🔥") }),
);
const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, 2 ** 53, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN),
);

const metric: fc.Arbitrary<Metric> = fc
  .record({
    kind: fc.constantFrom("gauge", "counter", "info"),
    name: fc.oneof(name, fc.constantFrom("x_seconds", "x_bytes", "x_ratio")),
    help: text,
    labels: fc.uniqueArray(label, { maxLength: 3 }),
  })
  .map(({ kind, name, ...of }) => {
    if (kind === "gauge") return gauge(`g_${name}`, of);
    return kind === "counter" ? counter(`c_${name}_total`, of) : info(`i_${name}_info`, of);
  });

const family = metric.chain((metric) =>
  fc.record({
    metric: fc.constant(metric),
    samples: fc.uniqueArray(
      fc.record({
        labels: fc.tuple(...metric.labels.map(() => text)),
        value: metric.kind === "info" ? fc.constant(1) : value,
      }),
      // an empty label is the same as none
      { minLength: 1, maxLength: 20, selector: ({ labels }) => JSON.stringify(labels) },
    ),
  }),
);
const scrape: fc.Arbitrary<Scrape> = fc.record({
  target: text,
  families: fc.uniqueArray(family, { maxLength: 5, selector: ({ metric }) => metric.name }),
});

async function pageOf({ target, families }: Scrape, format: Format): Promise<string> {
  const exposition = createExposition({ selfMetrics: new Registry() });
  await exposition.publish({ collector: "c", target, part: "p" }, { families, takenAt: 0 }, minutes(1));
  return Buffer.concat((await exposition.render({ format })).chunks).toString();
}

const numberOf = (written: string): number => Number(written.replace("Inf", "Infinity"));
/** UTF-8 has no half of a pair. */
const asUtf8 = (written: string): string => written.toWellFormed();

const samplesOf = ({ metric, samples }: Family, target: string) =>
  samples.map(({ labels, value }) => ({
    name: metric.name,
    labels: [["target", target], ...metric.labels.map((label, i) => [label, labels[i] ?? ""])]
      .filter(([label, written]) => label === "target" || written !== "")
      .map((pair) => pair.map(asUtf8)),
    value: value === 0 ? 0 : value,
  }));

async function mustReadBack(scrape: Scrape, format: Format): Promise<void> {
  const read = readExposition(await pageOf(scrape, format), format);
  const found = read.map(({ help, samples }) => ({
    help,
    samples: samples.map(({ name, labels, value }) => ({ name, labels, value: numberOf(value) })),
  }));
  const written = scrape.families
    .toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1))
    .map((family) => ({ help: [asUtf8(family.metric.help)], samples: samplesOf(family, scrape.target) }));
  must(
    isDeepStrictEqual(found, written),
    `${format}: ${JSON.stringify(found)} was read, ${JSON.stringify(written)} was written`,
  );
}

/** Each page with families of its own, since one exposition has each once. */
async function promtoolTakes(promtool: string, scrapes: readonly Scrape[]): Promise<void> {
  const pages = await Promise.all(
    scrapes.map(({ target, families }, nth) => {
      const renamed = families.map(({ metric, samples }) => ({
        metric: { ...metric, name: `n${nth}_${metric.name}` },
        samples,
      }));
      return pageOf({ target, families: renamed }, "text");
    }),
  );
  const { code, stdout, stderr } = await runProgram(promtool, ["check", "metrics"], { stdin: pages.join("") });
  // 3 is what its taste in names and help texts gives
  must(code === 0 || code === 3, `promtool check metrics: exit code ${code}: ${stdout}${stderr}`);
}

export const exposition = defineTarget<Scrape>({
  name: "exposition",
  property: "Whatever was measured is read back from both text formats as it was, and promtool can read it.",
  async open() {
    const promtool = findProgram("promtool");
    return {
      inputs: scrape,
      form: jsonForm(),
      async check(input) {
        await mustReadBack(input, "text");
        await mustReadBack(input, "openmetrics");
      },
      ...(promtool !== undefined && {
        judge: (inputs: readonly Scrape[]) => promtoolTakes(promtool, inputs),
      }),
      close: async () => undefined,
    };
  },
});
