import { expect, it } from "vitest";
import { createScrubber } from "../lib/scrub.ts";
import { field, logsOf, readings, tracesOf } from "./rank/__fixtures__/readings.ts";
import { scrubReadings } from "./scrub-readings.ts";

const VALUES = 200;
const values = Array.from({ length: VALUES }, (_, at) => [`value ${at} password=hunter2`, 1, 1] as const);

it("looks through the values of fields in small steps", () => {
  const fields = [field("labels.a", [VALUES, VALUES], values)];
  const scrub = createScrubber([]);
  let [inStep, most] = [0, 0];
  const steps = scrubReadings(
    readings({ logs: logsOf([], [], { fields }), traces: tracesOf({ attributes: fields }) }),
    (text) => {
      inStep += 1;
      most = Math.max(most, inStep);
      return scrub(text);
    },
  );
  let next = steps.next();
  while (next.done !== true) {
    inStep = 0;
    next = steps.next();
  }
  expect(most).toBeLessThan(100);
  expect(JSON.stringify(next.value)).toContain("value 199");
  expect(JSON.stringify(next.value)).not.toContain("hunter2");
});
