import { describe, expect, it } from "vitest";
import type { TrueNasLab, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import type { LabReplication } from "../../src/lab/truenas/model/tasks-shapes.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES: readonly TrueNasRelease[] = ["24.10", "25.04", "25.10", "26"];
const HOUR = 3_600;
const DAY = 86_400;

const poll = (target: OpenTarget) => pollTarget(target, ["tasks"]);

function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("the lab does not have what the test needs");
  return found;
}

const push = ({ state }: TrueNasLab): LabReplication => must(state.tasks.replications[0]);

describe("the newest snapshot that a replication has sent", () => {
  const sent = ({ series }: Polled): Record<string, number> =>
    Object.fromEntries(
      [...series].flatMap(([text, value]) => {
        const id = /^truenas_replication_newest_sent_snapshot_timestamp_seconds\{task_id="(\d+)"/.exec(text)?.[1];
        return id === undefined ? [] : [[id, value]];
      }),
    );
  const finished = (lab: TrueNasLab, last_snapshot: string) => ({
    state: "FINISHED" as const,
    datetime: lab.now(),
    warnings: [],
    last_snapshot,
  });

  it("is the one of the last full hour for a task that follows an hourly one", async () => {
    const { target } = await openTrueNasLab({ now: () => Date.UTC(2026, 6, 1, 9, 20) });
    expect(sent(await poll(target))).toEqual({ 1: Date.UTC(2026, 6, 1, 9) / 1000 });
  });

  it.each(RELEASES)("is known by the names that it may send, and only goes on (%s)", async (release) => {
    const { lab, target } = await openTrueNasLab({ release });
    push(lab).state = { state: "FINISHED", datetime: lab.now(), warnings: [] };
    expect(sent(await poll(target))).toEqual({});
    // of a server that is fetched from, whose time zone nobody tells, nothing is known
    must(lab.state.tasks.replications[1]).state = finished(lab, "rpool/data/web@auto-2026-01-02_03-04");
    push(lab).state = finished(lab, "tank/home@auto-2026-01-02_03-04");
    const first = sent(await poll(target));
    expect(Object.keys(first)).toEqual(["1"]);
    expect(Math.abs(must(first["1"]) - Date.UTC(2026, 0, 2, 3, 4) / 1000)).toBeLessThanOrEqual(14 * HOUR);
    for (const name of ["auto-2026-01-01_00-00", "by-hand", "auto-2199-01-01_00-00"]) {
      push(lab).state = finished(lab, `tank/home/kid@${name}`);
      expect(sent(await poll(target))).toEqual(first);
    }
    push(lab).state = { ...finished(lab, "tank/home@auto-2026-01-05_00-00"), state: "RUNNING" };
    expect(sent(await poll(target))).toEqual(first);
    push(lab).state = finished(lab, "tank/home@auto-2026-01-05_00-00");
    expect(sent(await poll(target))["1"]).toBeGreaterThan(must(first["1"]));
    push(lab).sourceDatasets = ["tank/media"];
    push(lab).state = finished(lab, "tank/media@auto-2026-01-03_00-00");
    expect(sent(await poll(target))["1"]).toBeGreaterThan(must(first["1"]));
    expect(sent(await poll(target))["1"]).toBeLessThan(must(first["1"]) + 2 * DAY);
  });
});
