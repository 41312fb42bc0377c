import { describe, expect, it } from "vitest";
import { httpSlo } from "../../slo/rules/__fixtures__/slos.ts";
import { readGateQuery } from "./slos-gate-query.ts";

const grouped = httpSlo({ groupBy: ["country", "route"] });

describe("a question to a gate", () => {
  it("is what its keys say; an empty value, as of a template that was not filled in, is as none", () => {
    expect(
      readGateQuery({ change: "rollback", approved_by: "", group: ["country=de", "route=/a=b"], status: "1" }, grouped),
    ).toEqual({
      question: { change: "rollback", approvedBy: undefined, group: { country: "de", route: "/a=b" } },
      asStatus: true,
    });
    const nothing = { question: { change: undefined, approvedBy: undefined, group: {} }, asStatus: false };
    expect(readGateQuery({ change: "", group: "", status: "0" }, httpSlo())).toEqual(nothing);
    expect(readGateQuery({}, httpSlo())).toEqual(nothing);
  });

  it("that means nothing is refused, with what to do", () => {
    const errorOf = (query: Parameters<typeof readGateQuery>[0], slo = grouped) =>
      "error" in readGateQuery(query, slo) ? (readGateQuery(query, slo) as { error: string }).error : "";
    expect(errorOf({ Change: "x" })).toContain('no "Change" to ask with');
    expect(errorOf({ status: "2" })).toContain('not "2"');
    expect(errorOf({ change: ["rollback", "fix"] })).toContain("change is there more than once");
    expect(errorOf({ group: "nonsense" })).toContain('label=value, such as country=..., and not "nonsense"');
    expect(errorOf({ group: "region=de" })).toContain('no label "region": they are country, route.');
    expect(errorOf({ group: ["country=de", "country=fr"] })).toContain("country more than once");
    expect(errorOf({ group: "country=de" }, httpSlo())).toContain("has no groups");
  });
});
