import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { realtimeShape, readFigures, readInterfaces } from "./realtime-event.ts";

const figuresOf = (fields: unknown) => readFigures(realtimeShape.parse(fields));
const interfacesOf = (fields: unknown) => readInterfaces(realtimeShape.parse(fields));

const NEW = {
  cpu: { cpu: { usage: 25, temp: 45 }, cpu0: { usage: 20, temp: 44 }, cpu1: { usage: 30, temp: 51 } },
  memory: { arc_size: 1000, physical_memory_total: 4000, physical_memory_available: 500 },
  zfs: { demand_accesses_per_second: 200, demand_data_hits_per_second: 150, demand_metadata_hits_per_second: 30 },
};

describe("the event reporting.realtime", () => {
  it("has the figures of releases from 25.04 on", () => {
    expect(figuresOf(NEW)).toEqual({
      cpu: 0.25,
      cpuTemperature: 51,
      memoryAvailable: 500,
      arcSize: 1000,
      arcHits: 0.9,
    });
  });

  it("has those of 24.10 in other places", () => {
    const event = {
      cpu: { 0: { usage: 70 }, average: { usage: 50 }, temperature_celsius: { 0: 40, 1: 47 } },
      memory: { classes: { arc: 1 } },
      virtual_memory: { total: 4000, available: 700 },
      zfs: { arc_size: 900, ...NEW.zfs },
    };
    expect(figuresOf(event)).toEqual({
      cpu: 0.5,
      cpuTemperature: 47,
      memoryAvailable: 700,
      arcSize: 900,
      arcHits: 0.9,
    });
  });

  it("takes the 0 of figures that the server's collector does not know for unknown", () => {
    const event = {
      cpu: { cpu: { usage: 0, temp: null }, cpu0: { usage: 0, temp: null } },
      memory: { arc_size: 0, physical_memory_total: 0, physical_memory_available: 0 },
      zfs: { demand_accesses_per_second: 0, demand_data_hits_per_second: 0, demand_metadata_hits_per_second: 0 },
    };
    expect(Object.values(figuresOf(event))).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it("knows an idle processor, which is at 0 % too", () => {
    expect(figuresOf({ ...NEW, cpu: { cpu: { usage: 0 } } }).cpu).toBe(0);
  });

  it("takes the whole processor's temperature where no core tells one", () => {
    expect(
      figuresOf({ ...NEW, cpu: { cpu: { usage: 1, temp: 38 }, cpu0: { usage: 1, temp: 0 } } }).cpuTemperature,
    ).toBe(38);
  });

  it("reads each interface by itself", () => {
    const up = { link_state: "LINK_STATE_UP", received_bytes_rate: 10, sent_bytes_rate: "20" };
    const interfaces = { eno1: up, eno2: { link_state: "LINK_STATE_DOWN" }, odd: null, bond0: { link_state: "ON" } };
    expect(interfacesOf({ interfaces })).toEqual([
      { name: "eno1", isUp: true, received: 10, sent: 20 },
      { name: "eno2", isUp: false, received: undefined, sent: undefined },
      { name: "bond0", isUp: undefined, received: undefined, sent: undefined },
    ]);
  });

  it("is never read as a figure that can not be", () => {
    const odd = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.jsonValue());
    const some = (...names: readonly string[]) => fc.oneof(odd, fc.dictionary(fc.constantFrom(...names), odd));
    const cpu = fc.dictionary(
      fc.constantFrom("cpu", "cpu0", "average", "temperature_celsius"),
      some("usage", "temp", "0"),
    );
    const event = fc.record({
      cpu: fc.oneof(odd, cpu),
      memory: some("arc_size", "physical_memory_available"),
      virtual_memory: some("available"),
      zfs: some(
        "arc_size",
        "demand_accesses_per_second",
        "demand_data_hits_per_second",
        "demand_metadata_hits_per_second",
      ),
      interfaces: fc.dictionary(fc.string(), some("link_state", "received_bytes_rate", "sent_bytes_rate")),
    });
    const check = (fields: unknown): void => {
      const { cpu: busy, arcHits, ...others } = figuresOf(fields);
      for (const ratio of [busy, arcHits]) expect(ratio ?? 0).toBeGreaterThanOrEqual(0);
      expect(arcHits ?? 0).toBeLessThanOrEqual(1);
      for (const value of Object.values(others)) expect(value ?? 1).toBeGreaterThan(0);
      for (const { name, received, sent } of interfacesOf(fields)) {
        expect(name).not.toBe("");
        for (const rate of [received, sent]) expect(rate ?? 0).toBeGreaterThanOrEqual(0);
      }
    };
    fc.assert(fc.property(event, check), { numRuns: 500 });
  });
});
