import { describe, expect, it } from "vitest";
import { gauge } from "./metric.ts";

describe("a metric", () => {
  it.each(["target", "job", "instance"])("may not declare the label %s, which is added to every series", (label) => {
    expect(() => gauge("disk_size_bytes", { help: "Size.", labels: [label] })).toThrow(`may declare: ${label}`);
  });

  it("may declare labels that only begin so", () => {
    expect(gauge("disk_size_bytes", { help: "Size.", labels: ["job_id"] }).labels).toEqual(["job_id"]);
  });
});
