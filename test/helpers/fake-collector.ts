import { z } from "zod";
import { targetFields } from "../../src/core/config-fields.ts";
import { milliseconds, seconds, type Duration } from "../../src/core/duration.ts";
import { gauge } from "../../src/core/metric.ts";
import { defineCollector, type CollectContext, type Collector } from "../../src/core/pack.ts";

const config = z.strictObject({ ...targetFields, ca_file: z.string().optional() });

/** The one metric of {@link fakeCollector}. */
export const fakeMetric = gauge("fake_value", { help: "A value.", labels: ["piece"] });

/** What a fake collector does when it is polled, and what it was asked. */
export interface Fake {
  collector: Collector;
  /** Runs at each poll; replace it to change what the target does. */
  behaviour: (context: CollectContext, target: string) => Promise<void>;
  opened: string[];
  closed: string[];
}

/** A collector of one part, `only`, whose behaviour a test writes; a target named `unopenable` can not be opened. */
export function fakeCollector({
  every = seconds(10),
  deadline = seconds(2),
}: { every?: Duration; deadline?: Duration } = {}): Fake {
  const fake: Fake = {
    opened: [],
    closed: [],
    behaviour: async (context) => context.record(fakeMetric, { piece: "a" }, 1),
    collector: defineCollector({
      id: "fake",
      title: "A fake",
      config,
      parts: [
        {
          id: "only",
          title: "The only part",
          every: milliseconds(every),
          deadline,
          metrics: { fakeMetric },
          collect: (name: string, context) => fake.behaviour(context, name),
        },
      ],
      async connect({ name }) {
        if (name === "unopenable") throw new Error("its file can not be read");
        fake.opened.push(name);
        return name;
      },
      async disconnect(name) {
        fake.closed.push(name);
      },
      check: async () => [],
    }),
  };
  return fake;
}
