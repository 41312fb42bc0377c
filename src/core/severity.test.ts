import { describe, expect, it } from "vitest";
import { severityOf } from "./severity.ts";

describe("the severity of an alert", () => {
  it.each([
    [{ severity: "page" }, "critical"],
    [{ severity: " Critical " }, "critical"],
    [{ severity: "high" }, "error"],
    [{ severity: "warning", priority: "P1" }, "warning"],
    [{ severity: "none" }, "info"],
    [{ priority: "P3" }, "warning"],
    [{ severity: "sev-7", priority: "p5" }, "info"],
    [{ severity: "constructor" }, "error"],
    [{}, "error"],
  ])("of %j is %s", (labels, severity) => {
    expect(severityOf(labels)).toBe(severity);
  });
});
