import fc from "fast-check";
import { days, hours, minutes } from "../../../core/duration.ts";
import type { Sli, Slo, Tier } from "../../model.ts";
import { httpSlo, promql } from "./slos.ts";

const text = fc.string({ unit: "binary", maxLength: 40 });
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);
const severity = fc.constantFrom("critical", "warning", "info");
const fields = fc.dictionary(word, text, { maxKeys: 3 });
const prose = fc.dictionary(
  word,
  text.map((of) => of.replaceAll(/[{}]/g, "")),
  { maxKeys: 2 },
);

const selector = fc
  .tuple(word, word, text)
  .map(([metric, label, value]) => `${metric}_total{${label}=${JSON.stringify(value.replaceAll(/[^ -~]/g, "?"))}}`);
const increase = selector.map((of) => `increase(${of}[$window])`);
const events = fc.oneof(
  increase,
  increase.map((of) => `sum(${of})`),
  increase.map((of) => `sum by (route) (${of})`),
  fc.tuple(increase, increase).map(([a, b]) => `sum(${a})\n  - sum(${b})`),
);

const sli: fc.Arbitrary<Sli> = fc.oneof(
  fc
    .tuple(events, events)
    .map(([total, errors]): Sli => ({ kind: "events", total: promql(total), errors: promql(errors) })),
  selector.map((of): Sli => ({ kind: "ratio", errorRatio: promql(`1 - avg_over_time(${of}[$window])`) })),
);

const tier: fc.Arbitrary<Tier> = fc.record({
  alert: fc.constantFrom("page", "ticket"),
  long: fc.integer({ min: 2, max: 900 }).map((n) => minutes(n * 5)),
  short: fc.integer({ min: 1, max: 72 }).map((n) => minutes(n * 5)),
  factor: fc.double({ min: 0.5, max: 50, noNaN: true }),
  for: fc.integer({ min: 0, max: 120 }).map(minutes),
  keepFiringFor: fc.integer({ min: 0, max: 24 }).map(hours),
});

const alertOf = fc.record({ enabled: fc.boolean(), labels: prose, annotations: prose });

const slo = fc
  .record({
    service: text,
    name: text,
    description: text,
    labels: fields,
    objective: fc.integer({ min: 1, max: 99_999 }).map((n) => n / 100_000),
    window: fc.oneof(
      fc.integer({ min: 1, max: 90 }).map((n) => ({ kind: "rolling", length: days(n) }) as const),
      fc.constant({ kind: "calendar", unit: "month", timeZone: "Europe/Berlin" } as const),
    ),
    sli,
    groupBy: fc.uniqueArray(fc.constantFrom("route", "method", "tenant"), { maxLength: 2 }),
    timeslices: fc.option(
      fc.record({ length: fc.constantFrom(minutes(5), minutes(15), hours(1)), objective: fc.constant(0.95) }),
      { nil: undefined },
    ),
    minimum: fc.record({ events: fc.nat(1_000), failures: fc.nat(10) }),
    alerting: fc.record({
      name: fc.stringMatching(/^[A-Z][A-Za-z]{2,20}$/),
      page: alertOf,
      ticket: alertOf,
      noData: fc.option(fc.record({ severity }), { nil: undefined }),
      budgetLeft: fc.uniqueArray(fc.record({ below: fc.constantFrom(0.75, 0.5, 0.1, 0.05), severity }), {
        selector: ({ below }) => below,
      }),
      tiers: fc.option(fc.array(tier, { maxLength: 6 }), { nil: undefined }),
    }),
  })
  .map((of) => httpSlo(of));

const METHODS = ["occurrences", "timeslices", "ratio_timeslices", "worst"] as const;

/** Sets of SLOs with odd texts, the last ones made of the others. */
export const anySlos: fc.Arbitrary<readonly Slo[]> = fc
  .tuple(fc.array(slo, { minLength: 1, maxLength: 4 }), fc.array(fc.constantFrom(...METHODS), { maxLength: 2 }))
  .map(([slos, methods]) => {
    const simple = slos.map((of, i) => ({ ...of, id: `slo-${i}` }));
    const members = simple.map(({ id }, i) => ({ sloId: id, weight: i + 1 }));
    const composites = methods.map((method, i) =>
      httpSlo({ id: `composite-${i}`, sli: { kind: "composite", method, members } }),
    );
    return [...simple, ...composites];
  });
