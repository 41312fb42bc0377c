import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulation, type SimulatedReplica, type Trouble } from "./__fixtures__/simulation.ts";

const SECOND = 1_000;
const TARGETS = Array.from({ length: 12 }, (_, i) => `vault/t${i}`);
/** After so long of calm each target has its replica again. */
const TAKEN_OVER_MS = 30 * SECOND;

interface Mishap {
  readonly at: number;
  readonly replica: number;
  readonly trouble: Trouble;
}

const anyTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.constantFrom<Trouble>({ kind: "crash" }, { kind: "stop" }, { kind: "start" }),
  fc.record({
    kind: fc.constantFrom("pause" as const, "cut" as const, "unanswered" as const),
    for: fc.integer({ min: 500, max: 40 * SECOND }),
  }),
  fc.record({ kind: fc.constant("learn" as const), targets: fc.subarray(TARGETS, { minLength: 1 }) }),
);
const anyHistory: fc.Arbitrary<readonly Mishap[]> = fc.array(
  fc.record({ at: fc.integer({ min: 0, max: 80 * SECOND }), replica: fc.nat(5), trouble: anyTrouble }),
  { maxLength: 14 },
);

/** Numbers from 0 to 1 that are the same for the same seed. */
function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Source: https://en.wikipedia.org/wiki/Linear_congruential_generator#Parameters_in_common_use
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lets three replicas live through a history, and looks after each event that no target has two. */
async function live(seed: number, history: readonly Mishap[], end: number): Promise<Simulation> {
  const world = new Simulation(numbersOf(seed));
  const rate = (): number => 0.95 + world.random() * 0.1;
  for (let i = 0; i < 3; i += 1) world.at(world.random() * 3 * SECOND, () => void world.start(TARGETS, rate()));
  for (const { at, replica, trouble } of history) {
    world.at(at, () => {
      if (trouble.kind === "start") world.start(TARGETS, rate());
      else world.replicas[replica % world.replicas.length]?.suffer(trouble);
    });
  }
  const doubled: string[] = [];
  await world.runUntil(end, () => {
    for (const target of TARGETS) {
      const pollers = world.pollers(target);
      if (pollers.length > 1) doubled.push(`${target} by ${pollers.join(" and ")} at ${world.now}`);
    }
  });
  expect(doubled).toEqual([]);
  return world;
}

/** When the last mishap is over. */
const calmAt = (history: readonly Mishap[]): number =>
  Math.max(
    3 * SECOND,
    ...history.map(({ at, trouble }) => at + ("for" in trouble ? trouble.for : 0)),
    // what was asked before it was over fails only after its time
  ) +
  5 * SECOND;

const knownBy = (replicas: readonly SimulatedReplica[]): readonly string[] =>
  TARGETS.filter((target) => replicas.some(({ isGone, targets }) => !isGone && targets.includes(target)));

describe("replicas that divide targets", () => {
  it("never poll one twice, and within 30 s of calm poll each, whatever happened", { timeout: 120_000 }, async () => {
    const check = fc.asyncProperty(fc.nat(), anyHistory, async (seed, history) => {
      const world = await live(seed, history, calmAt(history) + TAKEN_OVER_MS);
      const known = knownBy(world.replicas);
      expect(known.filter((target) => world.pollers(target).length !== 1)).toEqual([]);
    });
    await fc.assert(check, { numRuns: 60 });
  });

  it("divide all at once when they start, and each has a share", async () => {
    const world = await live(7, [], 20 * SECOND);
    const shares = world.replicas.map(({ id }) => TARGETS.filter((target) => world.pollers(target)[0] === id).length);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(TARGETS.length);
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  it("hand over within 10 s when one stops", async () => {
    const world = await live(11, [{ at: 30 * SECOND, replica: 0, trouble: { kind: "stop" } }], 40 * SECOND);
    expect(TARGETS.filter((target) => world.pollers(target).length !== 1)).toEqual([]);
    expect(world.replicas.filter(({ isGone }) => isGone)).toHaveLength(1);
  });

  it("poll at once when there is nobody else", async () => {
    const world = new Simulation(numbersOf(1));
    world.start(TARGETS);
    await world.runUntil(3 * SECOND, () => undefined);
    expect(TARGETS.filter((target) => world.pollers(target).length !== 1)).toEqual([]);
  });

  it("keep polling what only they know", async () => {
    const history = [
      { at: 20 * SECOND, replica: 1, trouble: { kind: "learn" as const, targets: TARGETS.slice(0, 3) } },
    ];
    const world = await live(3, history, 40 * SECOND);
    expect(TARGETS.filter((target) => world.pollers(target).length !== 1)).toEqual([]);
    const [, second] = world.replicas;
    expect(TARGETS.slice(3).filter((target) => world.pollers(target)[0] === second?.id)).toEqual([]);
  });

  it("stop polling before others may begin while the store is away, and go on with the same when it is back", async () => {
    const away = [0, 1, 2].map((replica) => ({
      at: 30 * SECOND,
      replica,
      trouble: { kind: "cut" as const, for: 25 * SECOND },
    }));
    const before = await live(5, [], 29 * SECOND);
    const during = await live(5, away, 54 * SECOND);
    expect(TARGETS.flatMap((target) => during.pollers(target))).toEqual([]);
    const after = await live(5, away, 65 * SECOND);
    expect(TARGETS.map((target) => after.pollers(target))).toEqual(TARGETS.map((target) => before.pollers(target)));
  });
});
