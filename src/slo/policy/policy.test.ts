import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { defaultPolicy, policySchema } from "./schema.ts";
import { nextState, type BudgetFacts, type PolicyMemory } from "./state.ts";

const policy = policySchema.parse({
  name: "careful",
  states: [
    { name: "caution", budget_left_at_most: "25%", actions: ["notify"] },
    {
      name: "freeze",
      budget_left_at_most: "10%",
      burn_above: 10,
      actions: ["approve"],
      text: "Ask the service's owner.",
    },
    { name: "exhausted", budget_left_at_most: "0%", actions: ["block"] },
  ],
  always_allow: ["rollback"],
  exemptions: [
    { reason: "CVE in the proxy", change: "security-fix", expires: "1970-01-01T02:00:00Z", by: "the duty officer" },
  ],
});

const facts = (left: number | undefined, burn: number | undefined = 0, coverage = 1): BudgetFacts => ({
  left,
  burn,
  coverage,
});
const ask = (
  of: BudgetFacts,
  more: { at?: number; change?: string; approvedBy?: string } = {},
  before?: PolicyMemory,
) => decide(policy, of, { sloId: "shop", group: {}, at: 0, ...more }, before);

/** States one after the other, by minutes. */
function course(steps: readonly (readonly [minute: number, left: number | undefined, burn?: number])[]): string[] {
  let memory: PolicyMemory | undefined;
  return steps.map(([minute, left, burn]) => {
    memory = nextState(policy, facts(left, burn), memory, minute * 60);
    return memory.state;
  });
}

describe("the state of a budget", () => {
  it("is the most severe one that applies, by budget or burn", () => {
    expect(course([[0, 0.8]])).toEqual(["healthy"]);
    expect(course([[0, 0.25]])).toEqual(["caution"]);
    expect(course([[0, 0.8, 11]])).toEqual(["freeze"]);
    expect(course([[0, -3, 11]])).toEqual(["exhausted"]);
  });

  it("gets worse at once, and better only by a margin and after a while", () => {
    const steps = course([
      [0, 0.3],
      [1, 0.09],
      // back above 10 %, but not by 2 % more
      [2, 0.11],
      [60, 0.11],
      // better now, and for half an hour from here
      [61, 0.13],
      [80, 0.13],
      // a relapse begins the wait anew
      [81, 0.115],
      [82, 0.13],
      [111, 0.13],
      [112, 0.13],
      [200, 0.13],
    ]);
    expect(steps).toEqual(["healthy", ...Array.from({ length: 8 }, () => "freeze"), "caution", "caution"]);
  });

  it("entered by burn is left when the burn fell below its share", () => {
    expect(
      course([
        [0, 0.8, 11],
        [10, 0.8, 9],
        [60, 0.8, 9],
        [61, 0.8, 7],
        [91, 0.8, 7],
      ]),
    ).toEqual(["freeze", "freeze", "freeze", "freeze", "healthy"]);
  });

  it("does not change while nothing is known", () => {
    expect(
      course([
        [0, 0.05],
        [10, undefined],
        [100, undefined],
        [101, 0.05],
      ]),
    ).toEqual(Array(4).fill("freeze"));
  });

  it("that the policy no longer has binds nobody", () => {
    expect(nextState(policy, facts(0.9), { state: "old", since: 0 }, 60)).toEqual({ state: "healthy", since: 60 });
  });
});

describe("a decision", () => {
  it("follows the state's actions and says why", () => {
    expect(ask(facts(0.8))).toMatchObject({ allow: true, state: "healthy", cause: "budget", actions: [] });
    expect(ask(facts(0.2))).toMatchObject({ allow: true, state: "caution", actions: ["notify"] });
    expect(ask(facts(0.05)).reason).toBe(
      "Someone must approve it. 5 % of the budget is left, it burnt 0.0 times as fast as allowed in the last hour: freeze. Ask the service's owner.",
    );
    expect(ask({ left: -0.2, burn: undefined, coverage: 1 })).toMatchObject({
      allow: false,
      reason: "The budget is overspent by 20 %: exhausted.",
    });
  });

  it("that wants approval lets an approved change through, and a block does not", () => {
    expect(ask(facts(0.05), { approvedBy: "the owner" })).toMatchObject({ allow: true, cause: "approved" });
    expect(ask(facts(0.05), { approvedBy: "" })).toMatchObject({ allow: false });
    expect(ask(facts(-1), { approvedBy: "the owner" })).toMatchObject({ allow: false });
  });

  it("lets exempt changes through until the exemption ends", () => {
    expect(ask(facts(-1), { change: "rollback" })).toMatchObject({ allow: true, cause: "always_allowed" });
    const fix = { change: "security-fix" };
    expect(ask(facts(-1), { ...fix, at: 7_199 })).toMatchObject({ allow: true, cause: "exempt" });
    expect(ask(facts(-1), { ...fix, at: 7_199 }).reason).toContain("CVE in the proxy");
    expect(ask(facts(-1), { ...fix, at: 7_200 })).toMatchObject({ allow: false, cause: "budget" });
    expect(ask(facts(-1), { change: "feature" })).toMatchObject({ allow: false });
  });

  it("on what is not known is the policy's own, with its own reason", () => {
    expect(ask(facts(undefined, 3, 0))).toMatchObject({ allow: false, cause: "unknown", state: "unknown" });
    expect(ask(facts(0.9, 0, 0.05)).reason).toBe(
      "The budget is not known: only 5 % of its window was measured, of at least 10 %.",
    );
    const trusting = { ...policy, unknown: "allow" as const };
    const question = { sloId: "shop", group: {}, at: 0 };
    expect(decide(trusting, facts(undefined), question, undefined)).toMatchObject({ allow: true, cause: "unknown" });
  });

  it("is written down, and so is a change of state", () => {
    const { audit } = ask(facts(-1), { change: "security-fix", at: 60 }, { state: "caution", since: 0 });
    expect(audit).toMatchObject([
      { event: "state", from: "caution", state: "exhausted", policy: "careful", at: 60 },
      { event: "allowed", cause: "exempt", change: "security-fix", by: "the duty officer" },
    ]);
    expect(ask(facts(0.9)).audit).toMatchObject([{ event: "allowed", state: "healthy" }]);
  });
});

describe("a policy", () => {
  const fault = (change: object): string => {
    const { error } = policySchema.safeParse({
      states: [{ name: "freeze", burn_above: 2, actions: ["block"] }],
      ...change,
    });
    return error === undefined ? "" : JSON.stringify(error.issues);
  };

  it("that means nothing is refused", () => {
    expect(fault({})).toBe("");
    expect(fault({ states: [{ name: "freeze", actions: ["block"] }] })).toContain("when it applies");
    expect(fault({ states: [{ name: "healthy", burn_above: 1, actions: ["block"] }] })).toContain("always there");
    const freeze = { name: "freeze", burn_above: 1, actions: ["block"] };
    expect(fault({ states: [freeze, freeze] })).toContain("names are unique");
    expect(fault({ exemptions: [{ reason: "x" }] })).toContain("expires");
    expect(fault({ exemptions: [{ expires: "2026-12-01T00:00:00Z" }] })).toContain("reason");
  });

  it("of the engine blocks when nothing is left", () => {
    const question = { sloId: "shop", group: {}, at: 0 };
    expect(decide(defaultPolicy(), facts(0), question, undefined)).toMatchObject({ allow: false, state: "exhausted" });
    expect(decide(defaultPolicy(), facts(0.5), question, undefined)).toMatchObject({ allow: true, state: "healthy" });
  });
});
