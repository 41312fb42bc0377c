import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gauge } from "../../core/metric.ts";
import { encodeCanonicalNumber, encodeHead, encodeNumber, encodeSamples } from "./encode.ts";

describe("encodeHead", () => {
  it("writes the names and types of the text format", () => {
    const counter = { name: "a_seconds_total", type: "counter", help: 'one "two"\nthree \\ four' } as const;
    expect(encodeHead(counter, "text")).toBe(
      '# HELP a_seconds_total one "two"\\nthree \\\\ four\n# TYPE a_seconds_total counter\n',
    );
    expect(encodeHead({ name: "b_info", type: "info", help: "x" }, "text")).toBe(
      "# HELP b_info x\n# TYPE b_info gauge\n",
    );
  });

  it("writes OpenMetrics' names without suffix and its units", () => {
    const counter = { name: "a_seconds_total", type: "counter", help: 'one "two"\nthree \\ four' } as const;
    expect(encodeHead(counter, "openmetrics")).toBe(
      '# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds one \\"two\\"\\nthree \\\\ four\n',
    );
    expect(encodeHead({ name: "build_seconds_info", type: "info", help: "x" }, "openmetrics")).toBe(
      "# TYPE build_seconds info\n# HELP build_seconds x\n",
    );
  });

  it.each([
    ["disk_bytes", "bytes"],
    ["cpu_usage_ratio", "ratio"],
    ["expiry_timestamp_seconds", "seconds"],
    ["disk_temperature_celsius", "celsius"],
    ["kilobytes", undefined],
    ["bytes_per_page", undefined],
  ])("gives %s the unit %s", (name, unit) => {
    const lines = encodeHead({ name, type: "gauge", help: "x" }, "openmetrics").split("\n");
    expect(lines.filter((line) => line.startsWith("# UNIT"))).toEqual(unit ? [`# UNIT ${name} ${unit}`] : []);
  });
});

describe("encodeSamples", () => {
  it("lets others work after each piece of about 64 KiB", () => {
    const metric = gauge("disk_size_bytes", { help: "Size", labels: ["disk"] });
    const samples = Array.from({ length: 10_000 }, (_, i) => ({ labels: [`disk-${i}`], value: i }));
    const steps = encodeSamples({ metric, samples }, "a");
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses++;
    const lengths = step.value.map(({ length }) => length);
    expect(pauses).toBeGreaterThanOrEqual(lengths.length - 1);
    expect(Math.max(...lengths)).toBeLessThan(66_000);
    expect(Buffer.concat(step.value).toString().split("\n")).toHaveLength(10_001);
  });
});

describe("encodeNumber", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [1.5, "1.5"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
    [Number.NaN, "NaN"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
  ])("writes %d as %s", (value, text) => {
    expect(encodeNumber(value)).toBe(text);
  });

  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(encodeNumber(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe("encodeCanonicalNumber", () => {
  // The examples of the specification, and its histogram's bounds.
  it.each([
    ..."0.0 0.001 0.002 0.01 0.1 0.9 0.95 0.99 0.999 1.0 1.7 10.0".split(" "),
    ..."1e-10 1e-09 1e-05 0.0001 0.1 1.0 100000.0 1e+06 1e+10 1e+23 1.1e+23 +Inf".split(" "),
  ])("writes %s", (text) => {
    expect(encodeCanonicalNumber(text === "+Inf" ? Infinity : Number(text))).toBe(text);
  });

  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(encodeCanonicalNumber(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
