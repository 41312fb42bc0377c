import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CollectError } from "../core/errors.ts";
import { budgetAt, type Budget } from "./budget/budget.ts";
import { DAY, history, HOUR, MIDNIGHT } from "./budget/__fixtures__/histories.ts";
import { askGate, memoryKey, type GateQuestion } from "./gate.ts";
import { defaultPolicy } from "./policy/schema.ts";
import { httpSlo } from "./rules/__fixtures__/slos.ts";

const slo = httpSlo({ groupBy: ["region"] });
const AT = MIDNIGHT + 6 * HOUR;
const known = budgetAt(
  httpSlo(),
  { group: { region: "north" }, history: history({ from: MIDNIGHT, to: AT }, () => [100, 0.05]) },
  AT,
);
const budget = (of: Partial<Budget> = {}): Budget => ({ ...known, coverage: 1, since: AT - 30 * DAY + 300, ...of });

const ask = (budgets: GateQuestion["budgets"], more: Partial<GateQuestion> = {}) =>
  askGate({ slo, policy: defaultPolicy(), at: AT, memory: new Map(), budgets, ...more });

describe("a gate", () => {
  it("answers with what is known", async () => {
    const { answer } = await ask(async () => [budget()]);
    expect(answer).toEqual({
      slo: "shop-requests",
      allow: true,
      cause: "budget",
      reason: "50 % of the budget is left, it burnt 0.5 times as fast as allowed in the last hour: healthy.",
      budgetRemaining: expect.closeTo(0.5, 9) as number,
      burn: expect.closeTo(0.5, 9) as number,
      coverage: 1,
      exhaustedInSeconds: 2_592_000,
      state: "healthy",
      actions: [],
      policy: "default",
      group: { region: "north" },
      groups: 1,
      unknownGroups: 0,
      at: "2026-11-01T06:00:00.000Z",
    });
  });

  it("goes by the worst group; an unknown one is worse than one that is well", async () => {
    const good = budget({ left: 0.9 });
    const spent = budget({ left: -1, group: { region: "south" } });
    const unmeasured = budget({ left: undefined, burn: undefined, coverage: 0, group: { region: "west" } });
    const groupOf = async (...budgets: Budget[]) => (await ask(async () => budgets)).answer.group["region"];
    expect(await groupOf(good, spent)).toBe("south");
    expect(await groupOf(spent, good)).toBe("south");
    expect(await groupOf(good, unmeasured)).toBe("west");
    expect(await groupOf(unmeasured, spent)).toBe("south");
    const open = await ask(async () => [budget({ left: 0.3 }), unmeasured], {
      policy: { ...defaultPolicy(), unknown: "allow" },
    });
    expect(open.answer).toMatchObject({ allow: true, cause: "unknown", group: { region: "west" } });
    expect(await groupOf(good, budget({ left: 0.2, group: { region: "east" } }))).toBe("east");
    const { answer } = await ask(async () => [good, spent], { group: { region: "north" } });
    expect(answer).toMatchObject({ allow: true, budgetRemaining: 0.9 });
  });

  it("does not take what was left before the measuring ended for leave", async () => {
    const old = budget({ isCurrent: false, burn: undefined });
    const { answer } = await ask(async () => [old]);
    expect(answer).toMatchObject({ allow: false, cause: "unknown", state: "unknown", budgetRemaining: null });
    expect(answer.reason).toBe("The budget is not known: nothing was measured lately.");
    expect((await ask(async () => [old], { change: "rollback" })).answer.allow).toBe(true);
    const spent = await ask(async () => [budget({ isCurrent: false, left: -1 })], {
      policy: { ...defaultPolicy(), unknown: "allow" },
    });
    expect(spent.answer).toMatchObject({ allow: false, state: "exhausted" });
    // a group that is gone keeps nobody from changing the others
    const gone = budget({ isCurrent: false, group: { region: "gone" }, left: 0.3 });
    expect((await ask(async () => [budget(), gone])).answer.allow).toBe(true);
    expect((await ask(async () => [budget(), { ...gone, coverage: 0.05 }])).answer.allow).toBe(true);
  });

  it("is not decided by a new group while others are known, which is unknown when it is asked for", async () => {
    // 10 % of 30 days must be measured
    const young = (age: number) =>
      budget({ group: { region: "new" }, left: -9, coverage: age / (30 * DAY), since: AT - age + 300 });
    const { answer } = await ask(async () => [budget(), young(2 * DAY)]);
    expect(answer).toMatchObject({ allow: true, group: { region: "north" }, groups: 2, unknownGroups: 1 });
    expect(answer.reason).toContain(": healthy. Of 1 other group too little is known.");
    const alone = await ask(async () => [budget(), young(2 * DAY)], { group: { region: "new" } });
    expect(alone.answer).toMatchObject({
      allow: false,
      cause: "unknown",
      state: "unknown",
      budgetRemaining: null,
      exhaustedInSeconds: null,
      coverage: expect.closeTo(2 / 30, 9) as number,
      groups: 1,
      unknownGroups: 1,
    });
    expect((await ask(async () => [young(2 * DAY)])).answer).toMatchObject({ allow: false, cause: "unknown" });
    expect((await ask(async () => [budget(), young(3 * DAY)])).answer).toMatchObject({ state: "exhausted" });
    // as old as the others but measured now and then: something is wrong with it
    const patchy = budget({ group: { region: "patchy" }, coverage: 0.05, since: AT - 20 * DAY });
    expect((await ask(async () => [budget(), patchy])).answer).toMatchObject({ allow: false, cause: "unknown" });
    // who knows nothing of what happens now knows nothing of a new group either
    const gone = budget({ isCurrent: false });
    expect((await ask(async () => [gone, young(2 * DAY)])).answer).toMatchObject({ allow: false, cause: "unknown" });
  });

  it("says what is wrong when nothing could be read, and the policy decides", async () => {
    const failing = async (): Promise<readonly Budget[]> => {
      throw new CollectError("timeout", "GET http://prometheus:9090/api/v1/query_range: no complete answer within 15s");
    };
    const { answer, memory } = await ask(failing);
    expect(answer).toMatchObject({
      allow: false,
      cause: "unknown",
      budgetRemaining: null,
      coverage: null,
      state: "unknown",
    });
    expect(answer.reason).toContain("no complete answer within 15s");
    expect(memory.size).toBe(0);
    const open = await ask(failing, { policy: { ...defaultPolicy(), unknown: "allow" } });
    expect(open.answer).toMatchObject({ allow: true, cause: "unknown" });
    const broken = await ask(async () => Promise.reject(new TypeError("secret")));
    expect(broken.answer.reason).not.toContain("secret");
    expect((await ask(async () => [budget()], { group: { region: "moon" } })).answer).toMatchObject({
      allow: false,
      reason: "The budget is not known: no such group was measured.",
      group: { region: "moon" },
    });
  });

  it("keeps the state of each group for the next question, and writes the answer down once", async () => {
    const south = budget({ left: -1, group: { region: "south" } });
    const { memory, audit } = await ask(async () => [budget(), south]);
    expect(memory.get(memoryKey(slo.id, { region: "south" }))).toEqual({ state: "exhausted", since: AT });
    expect(audit.map(({ event, group }) => [event, group["region"]])).toEqual([
      ["state", "south"],
      ["denied", "south"],
    ]);
    const later = await ask(async () => [budget({ ...south, left: 0.01 })], { memory, at: AT + 60 });
    expect(later.answer).toMatchObject({ state: "exhausted", allow: false });
  });

  it("is valid JSON with every key and no odd number, whatever happens", async () => {
    const number = fc.option(fc.double(), { nil: undefined });
    const anyBudget = fc.record({ left: number, burn: number, coverage: fc.double() }).map((of) => budget(of));
    const outcome = fc.oneof(
      fc.array(anyBudget, { maxLength: 3 }).map((budgets) => ({ budgets })),
      fc.anything().map((thrown) => ({ thrown })),
    );
    const keys = Object.keys((await ask(async () => [budget()])).answer);
    await fc.assert(
      fc.asyncProperty(outcome, fc.option(fc.string(), { nil: undefined }), async (found, change) => {
        const budgets = async (): Promise<readonly Budget[]> => {
          if ("budgets" in found) return found.budgets;
          throw found.thrown;
        };
        const { answer } = await ask(budgets, { change });
        const read = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>;
        expect(Object.keys(read)).toEqual(keys);
        expect(typeof read["allow"]).toBe("boolean");
        expect(read).toEqual(answer);
        expect(answer.allow && answer.coverage === null && answer.cause !== "always_allowed").toBe(false);
      }),
    );
  });
});
