import fc from "fast-check";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { minutes } from "../../core/duration.ts";
import { counter, gauge, info, type Family, type Metric } from "../../core/metric.ts";
import { readExposition } from "../../../test/helpers/read-exposition.ts";
import { createExposition } from "./exposition.ts";

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/);
const label = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/).filter((text) => text !== "target");
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: fc.constantFrom("\\", '"', "\n", "\r", "}", ",", "n", "\0") }),
);
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e21, 5e-324, Infinity, -Infinity, Number.NaN));

const metric: fc.Arbitrary<Metric> = fc
  .record({
    kind: fc.constantFrom("gauge", "counter", "info"),
    name,
    help: anyText,
    labels: fc.uniqueArray(label, { maxLength: 3 }),
  })
  .map(({ kind, name, ...text }) =>
    kind === "gauge"
      ? gauge(`${name}_g`, text)
      : kind === "counter"
        ? counter(`${name}_total`, text)
        : info(`${name}_info`, text),
  );

const family = metric.chain((metric) =>
  fc.record({
    metric: fc.constant(metric),
    samples: fc.array(
      fc.record({
        labels: fc.tuple(...metric.labels.map(() => anyText)),
        value: metric.kind === "info" ? fc.constant(1) : value,
      }),
      { minLength: 1, maxLength: 20 },
    ),
  }),
);

const withoutSuffix = (name: string): string => name.replace(/_(total|info)$/, "");

const snapshot = fc
  .uniqueArray(family, { maxLength: 6, selector: ({ metric }) => withoutSuffix(metric.name) })
  .map((families) => families.toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1)));

/** An empty label is the same as none, so it is not written. */
const expectedSamples = ({ metric, samples }: Family, target: string) =>
  samples.map(({ labels, value }) => ({
    name: metric.name,
    labels: [
      ["target", target],
      ...metric.labels.map((label, i) => [label, labels[i]]).filter(([, text]) => text !== ""),
    ],
    value,
  }));

const toNumber = (text: string): number => Number(text.replace("Inf", "Infinity"));

describe("an exposition", () => {
  it.each(["text", "openmetrics"] as const)("reads back to the same samples in %s", async (format) => {
    await fc.assert(
      fc.asyncProperty(snapshot, anyText, async (families, target) => {
        const exposition = createExposition({ selfMetrics: new Registry() });
        await exposition.publish({ collector: "c", target, part: "p" }, { families, takenAt: 0 }, minutes(1));
        const page = await exposition.render({ format });
        const read = readExposition(Buffer.concat(page.chunks).toString(), format);
        expect(read.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
          families.map(({ metric }) => ({
            name: format === "text" || metric.kind === "gauge" ? metric.name : withoutSuffix(metric.name),
            type: [format === "text" && metric.kind === "info" ? "gauge" : metric.kind],
            help: [metric.help],
          })),
        );
        expect(
          read.map(({ samples }) =>
            samples.map(({ name, labels, value }) => ({ name, labels, value: toNumber(value) })),
          ),
        ).toEqual(
          families
            .map((family) => expectedSamples(family, target))
            .map((samples) => samples.map((sample) => ({ ...sample, value: sample.value === 0 ? 0 : sample.value }))),
        );
      }),
    );
  });
});
