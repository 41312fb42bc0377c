import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { evidenceSchema } from "../../config/evidence-schema.ts";
import type { Store } from "../../core/store.ts";
import { alertOf, groupOf } from "../deliveries/__fixtures__/world.ts";
import type { EvidenceBoard } from "./board.ts";
import { startEnrichment } from "./enrichment.ts";

it("looks for nothing while settings change, and goes on afterwards, also when that fails", async () => {
  const began = Date.now() - 30 * 60_000;
  const group = groupOf("g", [alertOf("db-1", { startsAt: began })], { createdAt: began, updatedAt: Date.now() });
  let isLooking = false;
  const store: Partial<Store> = {
    now: async () => Date.now(),
    groups: async () => [group],
    exclusively: async (_, work) => {
      isLooking = true;
      await work();
      await new Promise((resolve) => setImmediate(resolve));
      isLooking = false;
      return true;
    },
  };
  const asked: AbortSignal[] = [];
  const board: Partial<EvidenceBoard> = {
    aboutGroup: (_, signal) => {
      asked.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    },
  };
  const enrichment = startEnrichment({
    evidence: board as EvidenceBoard,
    store: store as Store,
    settings: () => evidenceSchema.parse({}),
    wake: () => undefined,
    registry: new Registry(),
    log: pino({ level: "silent" }),
  });
  await waitUntil("evidence is looked for", () => asked.length === 1);
  let before: unknown;
  const change = async (): Promise<void> => {
    before = { isLooking, isAborted: asked[0]?.aborted };
    throw new Error("the change failed");
  };
  await expect(enrichment.pauseFor(change)).rejects.toThrow("the change failed");
  expect(before).toEqual({ isLooking: false, isAborted: true });
  await waitUntil("it is looked for again", () => asked.length === 2);
  expect(asked[1]?.aborted).toBe(false);
  await enrichment.stop();
  expect(asked[1]?.aborted).toBe(true);
});
