import { describe, expect, it } from "vitest";
import { days, seconds } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { sloCosts } from "./cost.ts";

const costOf = (slo: Slo, inputSeries?: number, groups = 1) =>
  sloCosts([slo], { sizes: new Map(inputSeries === undefined ? [] : [[slo.id, { inputSeries, groups }]]) })[0];
const samples = (slo: Slo, inputSeries?: number, groups?: number): number =>
  costOf(slo, inputSeries, groups)?.samplesPerMinute ?? 0;

describe("what an SLO costs", () => {
  it("counts its rules and the series that they record", () => {
    const cost = costOf(httpSlo());
    expect(cost).toMatchObject({ sloId: "shop-requests" });
    expect(cost?.rules).toBeGreaterThan(cost?.recordedSeries ?? Infinity);
    expect(costOf(httpSlo(), 100, 7)?.recordedSeries).toBe(7 * (cost?.recordedSeries ?? 0));
  });

  it("grows with raw series by the samples of 5 minutes, and not by those of the whole window", () => {
    const perSeries = (samples(httpSlo(), 2_000) - samples(httpSlo(), 1_000)) / 1_000;
    expect(perSeries).toBeGreaterThan(10);
    expect(perSeries).toBeLessThan(100);
  });

  it("is less for a shorter window", () => {
    expect(samples(httpSlo({ window: { kind: "rolling", length: days(7) } }))).toBeLessThan(samples(httpSlo()));
  });

  it("is more where counters are read more often", () => {
    const [often] = sloCosts([httpSlo()], { stepping: { step: seconds(10), lag: seconds(15) } });
    expect(often?.samplesPerMinute).toBeGreaterThan(samples(httpSlo()));
  });

  it("is told of a composite by itself, and of its members by themselves", () => {
    const members = [httpSlo({ id: "a" }), httpSlo({ id: "b" })];
    const sli = {
      kind: "composite",
      method: "worst",
      members: [
        { sloId: "a", weight: 1 },
        { sloId: "b", weight: 1 },
      ],
    } as const;
    const costs = sloCosts([httpSlo({ sli }), ...members]);
    expect(costs.map(({ sloId }) => sloId)).toEqual(["shop-requests", "a", "b"]);
    expect(costs[0]?.rules).toBeLessThanOrEqual(costs[1]?.rules ?? 0);
  });
});
