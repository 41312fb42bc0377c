import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import type { AlertGroup } from "../../core/alert-group.ts";
import { StoreUnavailable, type DeliveryStore } from "../../core/delivery-store.ts";
import { milliseconds, minutes } from "../../core/duration.ts";
import { openSqliteStore } from "../../stores/index.ts";
import { closeAlerts } from "../groups/close-alerts.ts";
import { aGroup, anAlert } from "./__fixtures__/groups.ts";
import { startEvidenceWorker, type EvidenceWorker, type EvidenceWorkerOptions } from "./evidence-worker.ts";

let folder: TemporaryFolder;
let store: DeliveryStore;
let workers: EvidenceWorker[];
let asked: string[];
let outcomes: string[];
let changed: (readonly string[])[];

beforeEach(async () => {
  folder = await createTemporaryFolder("evidence-worker");
  store = await openSqliteStore({ path: join(folder.path, "store.db"), reserveBytes: 0 });
  [workers, asked, outcomes, changed] = [[], [], [], []];
});
afterEach(async () => {
  await Promise.all(workers.map((one) => one.stop()));
  await store.close();
  await folder.remove();
});

const evidenceOf = (group: AlertGroup, says = "disk is full") => ({
  bundleId: `bundle-${group.id}`,
  at: Date.now(),
  lines: [says],
});

const start = (of: Partial<EvidenceWorkerOptions> = {}): EvidenceWorker => {
  const { gather = (group) => Promise.resolve(evidenceOf(group)), times, ...rest } = of;
  const worker = startEvidenceWorker({
    store,
    perMinute: 600,
    after: minutes(5),
    onChanged: (destinations) => changed.push(destinations),
    observer: { gathered: (outcome) => outcomes.push(outcome) },
    log: pino({ level: "silent" }),
    gather: (group, signal) => {
      asked.push(group.id);
      return gather(group, signal);
    },
    times: { settle: milliseconds(0), retry: milliseconds(1), every: milliseconds(20), ...times },
    ...rest,
  });
  workers.push(worker);
  return worker;
};

const save = async (...groups: readonly AlertGroup[]): Promise<void> => {
  await store.changeGroups([
    {
      changes: groups.map((group) => ({
        groupId: group.id,
        destinations: ["chat"],
        apply: () => group,
        priority: () => 2,
      })),
    },
  ]);
};
const fresh = (id: string, severity = "warning"): AlertGroup => {
  const now = Date.now();
  return aGroup(id, {
    alerts: [anAlert("1", { startsAt: now, labels: { alertname: id, severity } })],
    createdAt: now,
    updatedAt: now,
  });
};
const evidenceAt = (id: string) => waitUntil(`${id} has evidence`, async () => (await store.group(id))?.evidence);

describe("the worker", () => {
  it("finds what was there before it, and what comes later", async () => {
    await save(fresh("before"), aGroup("old"), { ...fresh("own"), kind: "internal" });
    const worker = start();
    expect(await evidenceAt("before")).toMatchObject({ bundleId: "bundle-before", lines: ["disk is full"] });
    await save(fresh("later"));
    worker.wake();
    await evidenceAt("later");
    expect(asked).toEqual(["before", "later"]);
    expect(outcomes).toEqual(["attached", "attached"]);
    // it was not delivered yet, and so it is told in the first message
    expect(changed).toEqual([[], []]);
    await waitUntil("none waits", () => worker.waiting() === 0);
  });

  it("asks about the most urgent first, two at a time, and no more than it may in a minute", async () => {
    const severities = ["info", "warning", "critical", "error", "info", "warning"];
    await save(...severities.map((severity, i) => fresh(`${severity}-${i}`, severity)));
    let [running, most] = [0, 0];
    const worker = start({
      perMinute: 3,
      gather: async (group) => {
        running += 1;
        most = Math.max(most, running);
        await pause(20);
        running -= 1;
        return evidenceOf(group);
      },
    });
    await waitUntil("three were asked about", () => outcomes.length === 3);
    worker.wake();
    await pause(300);
    expect(asked).toEqual(["critical-2", "error-3", expect.stringMatching(/^warning-/)]);
    expect(most).toBe(2);
    expect(worker.waiting()).toBeGreaterThanOrEqual(3);
  });

  it("asks again after a failure, and goes on about others meanwhile", async () => {
    await save(fresh("broken"), fresh("well"));
    let failures = 0;
    start({
      gather: (group) => {
        if (group.id === "broken" && (failures += 1) < 3) return Promise.reject(new Error("the source is down"));
        return Promise.resolve(evidenceOf(group));
      },
    });
    await evidenceAt("well");
    await evidenceAt("broken");
    expect(outcomes.toSorted()).toEqual(["attached", "attached", "failed", "failed"]);
  });

  it("looks once more at the end of the window, and tells only what says something else", async () => {
    await save(fresh("same"), fresh("other"));
    let [round, ahead] = [0, 0];
    start({
      store: { ...store, now: async () => (await store.now()) + ahead },
      gather: (group) => {
        round += 1;
        const says = group.id === "same" ? `${round} lines` : `found in round ${"x".repeat(round)}`;
        return Promise.resolve({ ...evidenceOf(group, says), bundleId: String(round), at: Date.now() + ahead });
      },
    });
    await waitUntil("each was asked about", () => outcomes.length === 2);
    ahead = minutes(6);
    await waitUntil("each was asked about again", () => outcomes.length === 4);
    ahead = minutes(30);
    await pause(100);
    expect(outcomes.toSorted()).toEqual(["attached", "attached", "attached", "unchanged"]);
    expect(await store.group("same")).toMatchObject({ revision: 2 });
    expect(await store.group("other")).toMatchObject({ revision: 3 });
  });

  it("puts nothing on a group that is over meanwhile", async () => {
    const group = fresh("a");
    await save(group);
    start({
      gather: async () => {
        const verdicts = new Map([["1", { state: "gone", because: "gone" } as const]]);
        await save(closeAlerts(group, verdicts, Date.now()));
        return evidenceOf(group);
      },
    });
    await waitUntil("it was asked about", () => outcomes.length === 1);
    expect(outcomes).toEqual(["unchanged"]);
    expect(await store.group("a")).not.toHaveProperty("evidence");
  });

  it("tells that there was nothing to tell, and does not ask again at once", async () => {
    await save(fresh("a"));
    start({ gather: () => Promise.resolve(undefined) });
    await waitUntil("it was asked about", () => outcomes.length === 1);
    await pause(100);
    expect(outcomes).toEqual(["nothing"]);
  });

  it("asks nothing where nothing may be asked", async () => {
    await save(fresh("a"));
    const worker = start({ perMinute: 0 });
    await pause(50);
    expect(asked).toEqual([]);
    expect(worker.waiting()).toBeUndefined();
  });

  it("is one of several that asks, and another takes over", async () => {
    const [first, second] = [start(), start()];
    await waitUntil("one leads", () => [first, second].some((one) => one.waiting() !== undefined));
    expect([first, second].filter((one) => one.waiting() !== undefined)).toHaveLength(1);
    const [leader, other] = first.waiting() === undefined ? [second, first] : [first, second];
    await save(fresh("a"));
    leader.wake();
    await evidenceAt("a");
    await leader.stop();
    await save(fresh("b"));
    await evidenceAt("b");
    expect(other.waiting()).toBeDefined();
    expect(asked).toEqual(["a", "b"]);
  });

  it("goes on after the store failed", async () => {
    await save(fresh("a"));
    let failures = 2;
    const failing: DeliveryStore = {
      ...store,
      groups: (query) => ((failures -= 1) >= 0 ? Promise.reject(new StoreUnavailable("gone")) : store.groups(query)),
    };
    start({ store: failing });
    expect(await evidenceAt("a")).toMatchObject({ bundleId: "bundle-a" });
  });

  it("stops in the middle of a question that nobody answers, and counts no failure", async () => {
    await save(fresh("a"));
    let signal: AbortSignal | undefined;
    const worker = start({
      gather: (_, given) => {
        signal = given;
        return new Promise(() => undefined);
      },
    });
    await waitUntil("it was asked", () => asked.length === 1);
    await worker.stop();
    expect(signal?.aborted).toBe(true);
    expect(outcomes).toEqual([]);
  });
});
