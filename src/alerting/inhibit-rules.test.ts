import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { alert } from "../core/alert.ts";
import { minutes } from "../core/duration.ts";
import { gauge } from "../core/metric.ts";
import type { Collector, Inhibition, Pack } from "../core/pack.ts";
import { selectUntargeted } from "../core/promql.ts";
import { renderInhibitRules } from "./inhibit-rules.ts";

const when = selectUntargeted(gauge("house", { help: "The house." }));
const named = (name: string) =>
  alert({ name, severity: "warning", when, for: minutes(5), summary: () => "", description: () => "" });

const collectorOf = (id: string): Collector => ({ id, title: id, target: z.never(), parts: [] });

/** Has the alerts that its inhibitions name, except those of `others`. */
const pack = (id: string, inhibitions?: readonly Inhibition[], others: readonly string[] = []): Pack => ({
  id,
  title: id,
  collector: collectorOf(`${id}-collector`),
  signals: {},
  alerts: (inhibitions ?? [])
    .flatMap(({ by, silences }) => [by, ...silences])
    .filter((name) => !others.includes(name))
    .map(named),
  ...(inhibitions && { inhibitions }),
});

const fire: Inhibition = {
  by: "HouseOnFire",
  silences: ["HouseWarm", "HouseBright", "GardenSmoky"],
  equal: ["target", "house"],
  because: "A house that burns is warm: nobody needs to be told.",
};
const flood: Inhibition = {
  by: "CellarFlooded",
  silences: ["CellarWet"],
  equal: ["target"],
  because: "It is wet.",
};

describe("inhibitions", () => {
  it("are the rules of Alertmanager, in the order of the packs, each with its reason", () => {
    const text = renderInhibitRules([pack("house", [fire]), pack("garden"), pack("cellar", [flood])]);
    expect(text.slice(text.indexOf("inhibit_rules:"))).toBe(`inhibit_rules:
  # A house that burns is warm: nobody needs to be told.
  - source_matchers:
      - alertname="HouseOnFire"
    target_matchers:
      - alertname=~"GardenSmoky|HouseBright|HouseWarm"
    equal:
      - target
      - house
  # It is wet.
  - source_matchers:
      - alertname="CellarFlooded"
    target_matchers:
      - alertname="CellarWet"
    equal:
      - target
`);
    expect(parse(text)).toMatchObject({ inhibit_rules: [{ equal: ["target", "house"] }, { equal: ["target"] }] });
  });

  it("silence alerts of another pack only where they are of the same collector, by a rule of their own", () => {
    const others = ["PollFailing", "PollMissing"];
    const gone = { ...fire, silences: ["HouseWarm", "PollMissing", "PollFailing"], equal: ["target"] };
    const flooded = { ...flood, silences: ["PollMissing"] };
    const written = renderInhibitRules([pack("house", [gone], others), pack("cellar", [flooded], others)]);
    const [source_matchers, equal] = [['alertname="HouseOnFire"'], ["target"]];
    expect(parse(written)).toEqual({
      inhibit_rules: [
        { source_matchers, target_matchers: ['alertname="HouseWarm"'], equal },
        {
          source_matchers,
          target_matchers: ['alertname=~"PollFailing|PollMissing"', 'collector="house-collector"'],
          equal,
        },
        {
          source_matchers: ['alertname="CellarFlooded"'],
          target_matchers: ['alertname="PollMissing"', 'collector="cellar-collector"'],
          equal,
        },
      ],
    });
    expect(written.match(/# .*burns is warm/g)).toHaveLength(2);
  });

  it("silence only alerts that have the labels that are asked for", () => {
    const wet = { ...flood, silences: ["CellarWet", "PollMissing"], having: { part: "pump" } };
    expect(parse(renderInhibitRules([pack("cellar", [wet], ["PollMissing"])]))).toMatchObject({
      inhibit_rules: [
        { target_matchers: ['alertname="CellarWet"', 'part="pump"'] },
        { target_matchers: ['alertname="PollMissing"', 'collector="cellar-collector"', 'part="pump"'] },
      ],
    });
  });

  it("are the same in whatever order their names were written", () => {
    const turned = { ...fire, silences: fire.silences.toReversed() };
    expect(renderInhibitRules([pack("house", [turned])])).toBe(renderInhibitRules([pack("house", [fire])]));
  });

  it("are an empty list when there are none", () => {
    expect(parse(renderInhibitRules([pack("house")]))).toEqual({ inhibit_rules: [] });
  });
});
