import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coverageOf, covers, jobsShape } from "./coverage.ts";
import type { Guest } from "../guests.ts";

const DAY = 86_400;
const guest = (more: Partial<Guest> = {}): Guest => ({
  id: "qemu/101",
  type: "qemu",
  vmid: 101,
  nodes: new Set(["pve1"]),
  pools: new Set(["prod"]),
  template: false,
  ...more,
});
const jobs = (...given: readonly object[]) => jobsShape.parse(given.map((each, i) => ({ id: `job-${i}`, ...each })));
const coverage = (...given: readonly object[]) => coverageOf(guest(), jobs(...given));
const covered = (job: object) => coverage(job).covered;

describe("coverageOf", () => {
  it.each([
    ["a list with its number", { vmid: "100,101" }],
    ["a list with other separators", { vmid: "100; 101" }],
    ["a number in place of a list", { vmid: 101 }],
    ["all guests", { all: 1 }],
    ["all guests but others", { all: "1", exclude: "100,1010" }],
    ["its pool", { pool: "prod" }],
    ["all of its node", { all: 1, node: "pve1" }],
    ["a job that says it is enabled", { all: 1, enabled: "1" }],
  ])("counts %s as cover", (_, job) => {
    expect(covered(job)).toBe(true);
  });

  it.each([
    ["a list without its number", { vmid: "100,1010" }],
    ["all guests but it", { all: 1, exclude: "101" }],
    ["another pool", { pool: "test" }],
    ["all guests of another node", { all: 1, node: "pve2" }],
    ["a disabled job", { all: 1, enabled: 0 }],
  ])("does not count %s", (_, job) => {
    expect(covered(job)).toBe(false);
  });

  it("does not guess about a job that it does not understand", () => {
    expect(covered({ all: 1, enabled: "perhaps" })).toBeUndefined();
    expect(covered({ tags: "important" })).toBeUndefined();
    expect(coverage({ tags: "important" }, { vmid: "101" }).covered).toBe(true);
  });

  it("takes the interval of the most frequent job, and none where one is not known", () => {
    const weekly = { all: 1, schedule: "sun 02:00" };
    expect(coverage(weekly).interval).toBe(7 * DAY);
    expect(coverage(weekly, { pool: "prod", schedule: "03:00" }).interval).toBe(DAY);
    expect(coverage(weekly, { pool: "prod", schedule: "03:00", enabled: 0 }).interval).toBe(7 * DAY);
    expect(coverage(weekly, { pool: "prod", schedule: "whenever" }).interval).toBeNaN();
    expect(coverage().interval).toBeUndefined();
  });

  it("reads the days and the time of a job from before Proxmox VE 7.1", () => {
    expect(coverage({ all: 1, dow: "sat", starttime: "23:30" }).interval).toBe(7 * DAY);
    expect(coverage({ all: 1, starttime: "23:30" }).interval).toBe(DAY);
  });

  it("knows a guest that migrates by either of its nodes", () => {
    const [job] = jobs({ all: 1, node: "pve2" });
    expect(job && covers(job, guest({ nodes: new Set(["pve1", "pve2"]) }))).toBe(true);
  });

  it("says the same of the jobs in any order", () => {
    const job = fc.record(
      { vmid: fc.constantFrom("101", "7"), all: fc.constantFrom(0, 1), enabled: fc.constantFrom(0, 1, "?") },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(job), (given) => {
        expect(coverageOf(guest(), jobs(...given.toReversed())).covered).toBe(coverage(...given).covered);
      }),
    );
  });
});
