import { error, percent, type SloCheck } from "./check.ts";

/** An objective that leaves no budget, or nothing but budget. */
export const objectiveRange: SloCheck = {
  name: "objective-range",
  check({ objective, timeslices }) {
    const faults = [
      ["objective", objective],
      ["timeslices.objective", timeslices?.objective ?? 0.5],
    ] as const;
    return faults.flatMap(([field, share]) => {
      if (share > 0 && share < 1) return [];
      const what =
        share >= 1 ? "leaves no budget, so that one failure misses it for the whole window" : "promises nothing";
      return [error(field, `is ${percent(share)} and ${what}: take one above 0 % and below 100 %, such as 99.9 %`)];
    });
  },
};
