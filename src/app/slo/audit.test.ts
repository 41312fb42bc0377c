import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { DAY, history } from "../../slo/budget/__fixtures__/histories.ts";
import { budgetAt } from "../../slo/budget/budget.ts";
import { askGate, memoryKey } from "../../slo/gate.ts";
import { defaultPolicy } from "../../slo/policy/schema.ts";
import { httpSlo } from "../../slo/rules/__fixtures__/slos.ts";
import type { AuditEntry } from "../../slo/policy/decide.ts";
import { openAuditLog } from "./audit.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await createTemporaryFolder("slo-audit");
});
afterEach(() => folder.remove());

const START = Date.UTC(2026, 10, 1) / 1_000;
const silent = pino({ level: "silent" });
const openLog = () => openAuditLog(join(folder.path, "audit.jsonl"), silent);
const written = async () => (await readFile(join(folder.path, "audit.jsonl"), "utf8")).trim().split("\n").length;

const entry = (of: Partial<AuditEntry> = {}): AuditEntry => ({
  at: START,
  sloId: "shop-pay",
  group: {},
  policy: "default",
  event: "denied",
  state: "exhausted",
  cause: "budget",
  reason: "Nothing is left.",
  ...of,
});

describe("the audit of gates", () => {
  it("is written with moments that people and programs can read, and read again", async () => {
    const log = await openLog();
    await log.append([entry({ event: "recovery", betterSince: START - 60 })]);
    const line = JSON.parse(await readFile(join(folder.path, "audit.jsonl"), "utf8")) as Record<string, unknown>;
    expect(line).toMatchObject({ at: "2026-11-01T00:00:00.000Z", betterSince: "2026-10-31T23:59:00.000Z" });
    expect((await openLog()).memory.get(memoryKey("shop-pay", {}))).toMatchObject({ betterSince: START - 60 });
  });

  it("knows after a restart the state of an SLO that others have asked about a thousand times since", async () => {
    const log = await openLog();
    await log.append([entry({ event: "state", from: "healthy" })]);
    await log.append(
      Array.from({ length: 1_500 }, (_, i) => entry({ at: START + i, sloId: "busy", change: `build-${i}` })),
    );
    const again = await openLog();
    expect(again.memory.get(memoryKey("shop-pay", {}))).toMatchObject({ state: "exhausted", since: START });
    expect(again.recent("busy", 2_000)).toHaveLength(1_000);
  });

  it("lets a state end for those who ask by the command line, each time anew", async () => {
    const slo = httpSlo();
    const full = history({ from: START - 30 * DAY, to: START }, () => [100, 0]);
    const budget = budgetAt(slo, { group: {}, history: full }, START);
    const askAt = async (minute: number, left: number) => {
      const log = await openLog();
      const at = START + minute * 60;
      const budgets = async () => [{ ...budget, left }];
      const { answer, audit } = await askGate({ slo, policy: defaultPolicy(), at, memory: log.memory, budgets });
      await log.append(audit);
      return answer.state;
    };
    expect(await askAt(0, -1)).toBe("exhausted");
    expect(await askAt(10, 0.9)).toBe("exhausted");
    expect(await askAt(20, -0.1)).toBe("exhausted");
    expect(await askAt(45, 0.9)).toBe("exhausted");
    expect(await askAt(70, 0.9)).toBe("exhausted");
    expect(await askAt(76, 0.9)).toBe("healthy");
  });

  it("writes the same answer once an hour, whatever is asked beside it", async () => {
    const log = await openLog();
    for (let minute = 0; minute < 120; minute += 5)
      await log.append([entry({ at: START + minute * 60 }), entry({ at: START + minute * 60, change: `b-${minute}` })]);
    expect(await written()).toBe(2 + 24);
  });
});
