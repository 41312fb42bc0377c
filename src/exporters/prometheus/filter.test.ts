import { Gauge, Registry } from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import { minutes } from "../../core/duration.ts";
import { gauge, Recorder } from "../../core/metric.ts";
import { createExposition, type Exposition } from "./exposition.ts";
import type { SeriesFilter } from "./filter.ts";

const size = gauge("disk_size_bytes", { help: "Size", labels: ["disk"] });

let exposition: Exposition;

beforeEach(async () => {
  const registers = [new Registry()];
  exposition = createExposition({ selfMetrics: registers[0] as Registry });
  const age = new Gauge({ name: "age", help: "x", labelNames: ["target", "collector", "part"] as const, registers });
  for (const [target, collector, part] of [
    ["a", "proxmox", "disks"],
    ["a", "proxmox", "other"],
    ["b", "truenas", "pools"],
  ] as const) {
    age.set({ target, collector, part }, 1);
    const recorder = new Recorder();
    recorder.record(size, { disk: part }, 1);
    await exposition.publish({ target, collector, part }, recorder.snapshot(0), minutes(1));
  }
  new Gauge({ name: "up", help: "x", registers }).set(1);
  new Gauge({ name: "reachable", help: "x", labelNames: ["target"], registers }).set({ target: "a" }, 1);
});

const age = (target: string, collector: string, part: string): string =>
  `age{target="${target}",collector="${collector}",part="${part}"} 1`;
const disk = (target: string, name: string): string => `disk_size_bytes{target="${target}",disk="${name}"} 1`;

async function samples(filter: SeriesFilter): Promise<string[]> {
  const { chunks } = await exposition.render({ format: "text", ...filter });
  const lines = Buffer.concat(chunks).toString().split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

const inDisks = age("a", "proxmox", "disks");
const inOther = age("a", "proxmox", "other");
const inPools = age("b", "truenas", "pools");

describe("a filter", () => {
  it.each<[targets: string[] | undefined, collect: string[] | undefined, expected: string[]]>([
    [["a"], undefined, [inDisks, inOther, disk("a", "disks"), disk("a", "other"), 'reachable{target="a"} 1']],
    [["b"], undefined, [inPools, disk("b", "pools")]],
    [undefined, ["truenas"], [inPools, disk("b", "pools")]],
    [undefined, ["proxmox/other"], [inOther, disk("a", "other")]],
    [undefined, ["proxmox/other", "truenas"], [inOther, inPools, disk("a", "other"), disk("b", "pools")]],
    [["a", "b"], ["proxmox/disks"], [inDisks, disk("a", "disks")]],
    [["b"], ["proxmox"], []],
    [undefined, ["watchkeeper"], ['reachable{target="a"} 1', "up 1"]],
    [undefined, ["truenas", "watchkeeper"], [inPools, disk("b", "pools"), 'reachable{target="a"} 1', "up 1"]],
    [["a"], ["watchkeeper"], ['reachable{target="a"} 1']],
    [[], undefined, []],
  ])("on targets %j and collectors or parts %j", async (targets, collect, expected) => {
    const filter = { targets: targets && new Set(targets), collect: collect && new Set(collect) };
    expect(await samples(filter)).toEqual(expected);
    expect(await samples({})).toHaveLength(8);
  });

  it("gives every series to one of the names of collectors, and to no other", async () => {
    const each = await Promise.all(exposition.names().collectors.map((name) => samples({ collect: new Set([name]) })));
    expect(each.flat().toSorted()).toEqual((await samples({})).toSorted());
  });

  it("may use the names of parts that were published with nothing in them", async () => {
    const empty = { families: [], takenAt: 0 };
    await exposition.publish({ target: "c", collector: "proxmox", part: "nodes" }, empty, minutes(1));
    expect(exposition.names()).toEqual({
      targets: ["a", "b", "c"],
      collectors: ["proxmox", "truenas", "watchkeeper"],
      parts: ["proxmox/disks", "proxmox/nodes", "proxmox/other", "truenas/pools"],
    });
  });
});
