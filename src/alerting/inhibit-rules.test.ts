import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import type { Inhibition, Pack } from "../core/pack.ts";
import { renderInhibitRules } from "./inhibit-rules.ts";

const pack = (id: string, inhibitions?: readonly Inhibition[]): Pack => ({
  id,
  title: id,
  signals: {},
  alerts: [],
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

  it("are the same in whatever order their names were written", () => {
    const turned = { ...fire, silences: fire.silences.toReversed() };
    expect(renderInhibitRules([pack("house", [turned])])).toBe(renderInhibitRules([pack("house", [fire])]));
  });

  it("are an empty list when there are none", () => {
    expect(parse(renderInhibitRules([pack("house")]))).toEqual({ inhibit_rules: [] });
  });
});
