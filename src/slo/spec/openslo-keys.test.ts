import { describe, expect, it } from "vitest";
import { z } from "zod";
import { changed, keysIn, keysOf, leavesOf } from "./__fixtures__/changes.ts";
import { OPENSLO_V1, OPENSLO_V1ALPHA, OPENSLO_V2 } from "./__fixtures__/openslo-full.ts";
import { WINDOW } from "./defaults.ts";
import { openSloFormat } from "./openslo-reader.ts";
import { v1Specs, v2Specs } from "./openslo-schema.ts";
import { v1alphaSpecs } from "./openslo-v1alpha.ts";

function outcome(documents: readonly unknown[]) {
  const at = () => ({ line: 1, column: 1 });
  const { slos, findings } = openSloFormat(WINDOW).read(
    documents.map((document, i) => ({ document, at, file: `${i}.yaml` })),
  );
  return { slos, findings };
}

/** Keys by the types of OpenSLO/go-sdk v0.9.2, pkg/openslo/v1, v1alpha and v2alpha. */
const METRIC = "metricSource metricSourceRef type spec".split(" ");
const ALERTS = (
  "alertWhenNoData alertWhenBreaching alertWhenResolved conditions notificationTargets conditionRef targetRef severity " +
  "condition kind op threshold lookbackWindow alertAfter"
).split(" ");
const SLO = (
  "description service budgetingMethod timeWindow objectives alertPolicies alertPolicyRef duration isRolling calendar " +
  "startTime timeZone displayName value target targetPercent timeSliceTarget timeSliceWindow compositeWeight"
).split(" ");
const SLI = "thresholdMetric ratioMetric counter good bad total rawType raw".split(" ");
const METADATA = "metadata name labels annotations".split(" ");
const SOURCE = "connectionDetails";

const VERSIONS = [
  {
    version: "v1",
    documents: OPENSLO_V1,
    specs: v1Specs,
    official: [...METRIC, ...ALERTS, ...SLO, ...SLI, ...METADATA, SOURCE, "indicator", "indicatorRef"],
  },
  {
    version: "v2alpha",
    documents: [...OPENSLO_V2, ...OPENSLO_V1],
    specs: v2Specs,
    official: [
      ...ALERTS,
      ...SLO,
      ...SLI,
      ...METADATA,
      SOURCE,
      "sli",
      "sliRef",
      "dataSourceRef",
      "dataSourceSpec",
      "spec",
      "type",
    ],
  },
  {
    version: "v1alpha",
    documents: OPENSLO_V1ALPHA,
    specs: v1alphaSpecs,
    official: (
      "timeWindows budgetingMethod description indicator service objectives thresholdMetric source queryType query " +
      "displayName value ratioMetrics target timeSliceTarget op good total incremental unit count isRolling calendar " +
      "startTime timeZone"
    ).split(" "),
  },
];

/**
 * Texts that tell people what an object is for, and classify it where it is no SLO and no Service: no rule depends on
 * them.
 */
const FOR_PEOPLE = [
  /^\d+ (?!SLO ).*metadata (?:displayName|labels|name$)/,
  /indicator metadata |sli metadata |alertPolicies \d+ metadata |conditions \d+ metadata /,
  /^\d+ (?!SLO ).*description$/,
  /^\d+ SLO (?:.* )(?:spec|dataSourceSpec) description$/,
  // v1alpha wants a value also where there is nothing to compare
  /^1 SLO spec objectives 0 value$/,
];

const ALTERNATIVES: Readonly<Record<string, unknown>> = {
  Occurrences: "RatioTimeslices",
  "openslo/v1": "openslo/v3",
  burnrate: "other",
  success: "failure",
  failure: "success",
  lte: "lt",
  lt: "lte",
  gt: "lte",
  Week: "Day",
  Month: "Quarter",
};

describe.each(VERSIONS)("OpenSLO $version", ({ documents, specs, official }) => {
  const schemas = Object.values(specs).map((spec) => z.toJSONSchema(spec, { io: "input", unrepresentable: "any" }));
  const known = new Set([...schemas.flatMap((schema) => [...keysOf(schema)]), ...METADATA, "spec"]);

  it("knows every key of the specification", () => {
    expect(official.filter((key) => !known.has(key))).toEqual([]);
  });

  it("has every key of the schema in the documents of this test", () => {
    const present = keysIn(documents);
    expect([...known].filter((key) => !present.has(key))).toEqual([]);
  });

  const baseline = outcome(documents);

  it("is read without an error", () => {
    expect(baseline.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  const told = (i: number, path: string): boolean =>
    baseline.findings.some(
      (one) => one.check === "no-effect" && one.source.file === `${i}.yaml` && `${path}.`.startsWith(`${one.path}.`),
    );

  const leaves = documents.flatMap((document, i) =>
    leavesOf(document).map((path) => ({
      i,
      path,
      label: `${i} ${String(Reflect.get(document, "kind"))} ${path.join(" ")}`,
    })),
  );
  const working = leaves.filter(
    ({ i, path, label }) => !FOR_PEOPLE.some((pattern) => pattern.test(label)) && !told(i, path.join(".")),
  );

  it.each(working)("another value of $label makes a difference", ({ i, path }) => {
    const instead = (value: unknown): unknown => ALTERNATIVES[String(value)];
    const other = documents.map((document, at) => (at === i ? changed(document, path, instead) : document));
    const { slos, findings } = outcome(other);
    expect(JSON.stringify([slos, findings])).not.toBe(JSON.stringify([baseline.slos, baseline.findings]));
  });
});
