import { describe, expect, it } from "vitest";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { DAY, history, HOUR, MIDNIGHT } from "./__fixtures__/histories.ts";
import { budgetAt } from "./budget.ts";
import { excludedSpans, excludedTimes, exclusionsSchema } from "./exclusions.ts";
import { excluding } from "./increments.ts";

const NOVEMBER = { from: MIDNIGHT, to: MIDNIGHT + 30 * DAY };
const read = (...exclusions: readonly object[]) => exclusionsSchema.parse(exclusions);
const fault = (exclusion: object): string | undefined => {
  const { error } = exclusionsSchema.safeParse([exclusion]);
  return error === undefined ? undefined : JSON.stringify(error.issues);
};

describe("an exclusion", () => {
  it("takes maintenance out of the budget and of the coverage", () => {
    const exclusions = read({ from: "2026-11-05T00:00:00Z", to: "2026-11-05T02:00:00Z", reason: "switch replaced" });
    const [from, to] = [MIDNIGHT + 4 * DAY, MIDNIGHT + 4 * DAY + 2 * HOUR];
    // down and not even measured for the second hour
    const of = history(NOVEMBER, (at) => {
      if (at <= from || at > to) return [100, 0];
      return at <= from + HOUR ? [100, 100] : undefined;
    });
    const spans = excludedSpans(exclusions, httpSlo(), NOVEMBER);
    expect(budgetAt(httpSlo(), { group: {}, history: of }, NOVEMBER.to).left).toBeLessThan(0);
    expect(budgetAt(httpSlo(), { group: {}, history: excluding(of, spans) }, NOVEMBER.to)).toMatchObject({
      left: 1,
      coverage: 1,
      errors: 0,
      events: (30 * 288 - 24) * 100,
    });
  });

  it("takes each 5 minutes out that it touches, and no others", () => {
    const of = history(NOVEMBER, () => [1, 0]);
    const span = { from: MIDNIGHT + 301, to: MIDNIGHT + 601 };
    const { events } = budgetAt(httpSlo(), { group: {}, history: excluding(of, [span]) }, NOVEMBER.to);
    expect(events).toBe(30 * 288 - 2);
  });

  it("on a schedule follows its zone's clock", () => {
    const exclusions = read({ cron: "30 2 * * sun", length: "1h", time_zone: "Europe/Berlin", reason: "backups" });
    const spans = excludedSpans(exclusions, httpSlo(), { from: MIDNIGHT - 8 * DAY, to: MIDNIGHT + 8 * DAY });
    const hour = ({ from, to }: { from: number; to: number }) =>
      [from, to].map((at) => new Date(at * 1_000).toISOString().slice(5, 16));
    // 25 October is the night with two hours from 2 to 3
    expect(spans.map(hour)).toEqual([
      ["10-25T00:30", "10-25T01:30"],
      ["11-01T01:30", "11-01T02:30"],
      ["11-08T01:30", "11-08T02:30"],
    ]);
  });

  it("on a schedule counts from its beginning to its end, and one under way at the span's beginning too", () => {
    const exclusions = read({
      cron: "0 22 * * *",
      length: "4h",
      reason: "nights",
      since: "2026-11-02T00:00:00Z",
      until: "2026-11-03T23:00:00Z",
    });
    const spans = excludedSpans(exclusions, httpSlo(), { from: MIDNIGHT + 2 * DAY + HOUR, to: MIDNIGHT + 9 * DAY });
    expect(spans).toEqual([
      { from: MIDNIGHT + DAY + 22 * HOUR, to: MIDNIGHT + 2 * DAY + 2 * HOUR },
      { from: MIDNIGHT + 2 * DAY + 22 * HOUR, to: MIDNIGHT + 2 * DAY + 23 * HOUR },
    ]);
  });

  it("concerns the SLOs and services it names, or all", () => {
    const time = { from: "2026-11-05T00:00:00Z", to: "2026-11-05T02:00:00Z" };
    const exclusions = read(
      { ...time, reason: "one", slos: ["shop-requests"] },
      { ...time, reason: "another", slos: ["mail"] },
      { ...time, reason: "service", services: ["shop"] },
      { ...time, reason: "all" },
    );
    const reasons = (slo: ReturnType<typeof httpSlo>) =>
      excludedTimes(exclusions, slo, NOVEMBER).map(({ reason }) => reason);
    expect(reasons(httpSlo())).toEqual(["one", "service", "all"]);
    expect(reasons(httpSlo({ id: "x", service: "y" }))).toEqual(["all"]);
    expect(excludedSpans(exclusions, httpSlo(), NOVEMBER)).toHaveLength(1);
  });

  it("that means nothing is refused", () => {
    const time = { from: "2026-11-05T00:00:00Z", to: "2026-11-05T02:00:00Z" };
    expect(fault({ ...time, reason: "fine" })).toBeUndefined();
    expect(fault(time)).toContain("reason");
    expect(fault({ ...time, to: time.from, reason: "x" })).toContain("later than `from`");
    expect(fault({ ...time, from: "2026-11-05 00:00", reason: "x" })).toContain("offset");
    expect(fault({ cron: "* * * * *", length: "5m", reason: "x" })).toContain("no schedule");
    expect(fault({ cron: "0 2 * * sun", length: "5m", reason: "x", time_zone: "Moon/Base" })).toContain("no time zone");
  });
});
