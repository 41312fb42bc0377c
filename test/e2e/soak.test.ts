import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { HOURS, PACE, runSoak } from "../soak/campaign.ts";
import { judge } from "../soak/judge.ts";
import type { SoakRecord } from "../soak/record.ts";

/** It is a day of work, however fast; the machine may do other things too. */
const TIME_LIMIT = 900_000;

describe("the built service through a day and more, at speed", () => {
  let record: SoakRecord;
  beforeAll(async () => {
    record = await runSoak({ hours: HOURS, pace: PACE });
  }, TIME_LIMIT);

  it("stays as it is: memory, descriptors, timers, schedules, store and log", () => {
    const { figures, complaints } = judge(record);
    process.stdout.write(`${JSON.stringify({ claim: "soak", figures })}\n`);
    expect(complaints).toEqual([]);
    expect(figures.hours).toBeGreaterThan(24);
    expect(figures.polls).toBeGreaterThan(1_000);
    expect(figures.reloads).toBeGreaterThan(5);
  });

  const complaintsOf = (changed: Partial<SoakRecord>): readonly string[] => judge({ ...record, ...changed }).complaints;

  it("would be found out, did it not deliver, delete, speak of errors or end", () => {
    const { store, log, told } = record;
    const oldest = { ...store.oldest, inbound: record.over - 4 * 3_600_000 };
    expect(complaintsOf({ store: { ...store, oldest } })).toEqual(["inbound: the oldest row is 4 hours old"]);
    const none = { ...store, rows: { ...store.rows, changes: 0 }, deleted: { ...store.deleted, bundles: 0 } };
    expect(complaintsOf({ store: none })).toEqual([
      "bundles: no row was deleted, however old",
      "changes: no row is kept at all",
    ]);
    const slack = told["slack"]?.filter(({ text }) => !/\bgroup-1-0\b/.test(text)) ?? [];
    const webhook = told["webhook"]?.map((message) => ({ ...message, isClosed: false })) ?? [];
    expect(complaintsOf({ told: { ...told, slack, webhook } })).toEqual([
      "slack was never told of 1 groups, such as group-1-0",
      `webhook shows ${webhook.length} as open that are over`,
    ]);
    const line = { time: new Date(record.over).toISOString(), level: "error", msg: "it broke" };
    expect(complaintsOf({ log: [...log, line] })).toEqual([expect.stringContaining("it broke")]);
    expect(complaintsOf({ end: { code: null, signal: "SIGKILL" }, exit: undefined })).toEqual([
      "it ended with SIGKILL",
      "it said nothing at its end",
    ]);
  });
});

describe("a service with planted faults", () => {
  it(
    "is found out in three hours",
    async () => {
      const preload = [join(import.meta.dirname, "../soak/planted-faults.ts")];
      const { complaints } = judge(await runSoak({ hours: 3, pace: PACE, preload }));
      const faults = ["rss grow", "heap grow", "descriptors grow", "timers grow", "strays", "times: a timer"];
      expect(faults.filter((fault) => !complaints.some((complaint) => complaint.includes(fault)))).toEqual([]);
    },
    TIME_LIMIT,
  );
});
