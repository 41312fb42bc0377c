import { expect, it } from "vitest";
import { aGroup, anAlert, MINUTE } from "../../alerting/evidence/__fixtures__/groups.ts";
import { evidenceSchema } from "../../config/evidence-schema.ts";
import { EvidenceDesk } from "./desk.ts";

it("looks at what was when an alert came whose sender's clock is ahead", async () => {
  const desk = await EvidenceDesk.open({
    evidence: evidenceSchema.parse({}),
    prometheus: undefined,
    externalUrl: "https://w.example.org",
    relations: [],
    inhibitions: [],
    store: undefined,
  });
  const came = Date.now() - MINUTE;
  const group = aGroup("g", { alerts: [anAlert("1", { startsAt: came + 15 * MINUTE })], updatedAt: came });
  const { question } = (await desk.aboutGroup(group, AbortSignal.timeout(10_000))) ?? {};
  await desk.close();
  expect(question?.alert?.startsAt).toBe(came);
  expect(question?.window.from).toBe(Math.floor((came - 10 * MINUTE) / 1_000) * 1_000);
  expect(question?.window.to).toBeLessThanOrEqual(Date.now());
});
