import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { alertingMetrics } from "../../src/core/alerting-metrics.ts";
import { replicaMetrics } from "../../src/core/replica-metrics.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { POLL_EVERY_MS, startPollRecorder, type PollRecorder } from "../helpers/poll-recorder.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres.ts";
import type { ReadSample } from "../helpers/read-exposition.ts";
import { startReplica, type ReplicaService } from "../helpers/replica-service.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const TARGETS = Array.from({ length: 12 }, (_, i) => `vault-${String(i).padStart(2, "0")}`);
/**
 * It is 30 s that are promised, and a good 20 that it takes (`npm run bench -- replicas`); a slow machine may take
 * longer.
 */
const TAKEN_OVER_MS = 45_000;
const STORE_AWAY_MS = 20_000;

const alerting = {
  sources: [{ name: "main" }],
  destinations: [{ type: "webhook", name: "nobody", url: "http://127.0.0.1:1/" }],
  route: { destinations: ["nobody"] },
};

describeReal("replicas over PostgreSQL", ["postgres", "initdb"], () => {
  let server: PostgresServer;
  let recorder: PollRecorder;
  let replicas: ReplicaService[] = [];
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
    recorder = await startPollRecorder(TARGETS, 3);
    replicas = await Promise.all(
      [0, 1, 2].map((i) =>
        startReplica(server.url, { alerting, log: { level: "warn" }, targets: recorder.targetsOf(i) }),
      ),
    );
  }, 120_000);
  afterAll(async () => {
    await server?.resume();
    await Promise.all(replicas.map((replica) => replica.close()));
    await recorder?.close();
    await server?.stop();
  }, 60_000);

  const replica = (i: number): ReplicaService => replicas[i] as ReplicaService;
  const valueOf = async (of: ReplicaService, name: string): Promise<number | undefined> =>
    valueIn(await of.samples(), name);
  const shownBy = async (i: number): Promise<readonly string[]> => targetsIn(await replica(i).samples());
  /** The replica that shows each target, once all of these see each other and together show each target once. */
  const divided = (among: readonly number[]): Promise<ReadonlyMap<string, number>> =>
    waitUntil(
      `${among.length} replicas divide the targets`,
      async () => {
        const looks = await Promise.all(among.map((i) => replica(i).samples()));
        const members = looks.map((samples) => valueIn(samples, replicaMetrics.members.name));
        const shown = among.map((i, at) => [i, targetsIn(looks[at] ?? [])] as const);
        const owners = shown.flatMap(([i, targets]) => targets.map((target) => [target, i] as const));
        const isWhole =
          owners
            .map(([target]) => target)
            .toSorted()
            .join() === TARGETS.join();
        return isWhole && members.every((count) => count === among.length) && new Map(owners);
      },
      { everyMs: 250 },
    );
  /** Which replicas polled the target since then, in order, each run of polls once. */
  const pollersOf = (target: string, since: number): readonly number[] =>
    recorder.polls
      .filter((one) => one.target === target && one.at >= since)
      .map((one) => one.replica)
      .filter((one, i, all) => one !== all[i - 1]);
  const isPolledBy = (target: string, who: number, since: number): boolean =>
    recorder.polls.some((one) => one.target === target && one.replica === who && one.at >= since);
  /** Milliseconds until the replica has polled each target. */
  const allPolledBy = async (who: number): Promise<number> => {
    const begun = performance.now();
    const isDone = () => TARGETS.every((target) => isPolledBy(target, who, begun));
    await waitUntil(`replica ${who} polls all targets`, isDone, { deadlineMs: TAKEN_OVER_MS + 10_000 });
    return performance.now() - begun;
  };

  it("poll each target by exactly one of them, through a kill, a freeze, a lost database and a stop", async () => {
    const first = await divided([0, 1, 2]);
    const begun = performance.now();
    await waitUntil("each target is polled", () => TARGETS.every((target) => pollersOf(target, begun).length > 0));
    const page = await replica(0).get("/");
    const elsewhere = [...first].find(([, owner]) => owner !== 0)?.[0];
    expect(page.text).toContain("Each target is polled by one of these.");
    expect(page.text).toContain(`vault/${elsewhere}`);
    expect((await replica(0).get("/-/ready")).text).toContain(`of ${TARGETS.length} targets`);

    await fetch(`${replica(0).url}/api/v1/webhooks/alertmanager/main`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(groupWebhook("stored")),
    });
    const givers = async (): Promise<number> => {
      const values = await Promise.all(replicas.map((one) => valueOf(one, alertingMetrics.conversations.name)));
      return values.filter((value) => value !== undefined).length;
    };
    // what was counted is kept for some seconds
    await waitUntil("one replica tells what the store holds", async () => (await givers()) === 1);

    // one dies, one stands still
    await Promise.all([replica(0).kill(), replica(1).process.pause()]);
    expect(await allPolledBy(2)).toBeLessThan(TAKEN_OVER_MS);

    replica(1).process.resume();
    const [woken, other] = await Promise.all([shownBy(1), shownBy(2)]);
    expect(woken.filter((target) => other.includes(target))).toEqual([]);
    const second = await divided([1, 2]);
    expect(await valueOf(replica(1), replicaMetrics.lapses.name)).toBeGreaterThanOrEqual(1);
    await waitUntil("each is polled by whom it was given to", () =>
      [...second].every(([target, owner]) => pollersOf(target, begun).at(-1) === owner),
    );

    // the database is away: nobody may be sure of anything
    const away = performance.now();
    await server.pause();
    await waitUntil("nothing is shown", async () => {
      const shown = await Promise.all([1, 2].map(shownBy));
      return shown.flat().length === 0;
    });
    await pause(2 * POLL_EVERY_MS);
    const quiet = recorder.polls.length;
    expect(await replica(2).get("/-/ready")).toMatchObject({ status: 503 });
    expect(await valueOf(replica(2), replicaMetrics.isMember.name)).toBe(0);
    await pause(Math.max(0, STORE_AWAY_MS - (performance.now() - away)));
    expect(recorder.polls.length).toBe(quiet);
    await server.resume();
    const back = performance.now();
    await waitUntil("all are polled again", () => TARGETS.every((target) => pollersOf(target, back).length > 0));

    // one stops in order
    await Promise.all([replica(1).process.stop(), allPolledBy(2)]);
    expect(performance.now() - back).toBeLessThan(TAKEN_OVER_MS);

    const histories = TARGETS.map((target) => [target, pollersOf(target, begun)]);
    const owners = (target: string) => [first.get(target), 2, second.get(target), 2];
    expect(histories).toEqual(
      TARGETS.map((target) => [target, owners(target).filter((one, i, all) => one !== all[i - 1])]),
    );
  }, 180_000);
});

const valueIn = (samples: readonly ReadSample[], name: string): number | undefined => {
  const found = samples.find((sample) => sample.name === name);
  return found && Number(found.value);
};

/** Names of the targets of which anything is shown. */
function targetsIn(samples: readonly ReadSample[]): readonly string[] {
  const named = samples.flatMap(({ labels }) => new Map(labels).get("target") ?? []);
  return [...new Set(named)].toSorted();
}
