import fc from "fast-check";
import { expect, test } from "vitest";
import { Cluster } from "./cluster.ts";
import type { Member } from "./member.ts";
import { isAudible } from "./member.ts";
import { withDefaults } from "./options.ts";

type Change = (cluster: Cluster, member: Member) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  seal: (cluster, member) => cluster.change(() => (member.sealed = true)),
  unseal: (cluster, member) => cluster.change(() => (member.sealed = false)),
  stop: (cluster, member) => cluster.change(() => (member.running = false)),
  start: (cluster, member) => cluster.change(() => (member.running = true)),
  freeze: (cluster, member) => cluster.change(() => (member.frozen = true)),
  thaw: (cluster, member) => cluster.change(() => (member.frozen = false)),
  lag: (_, member) => (member.appliedLag += 1),
  remove: (cluster, member) => cluster.remove(member, { sealed: false }),
  join: (cluster, member) => cluster.change(() => Object.assign(member, { inRaft: true, removedAt: undefined })),
  elect: (cluster) => cluster.elect(),
};

const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(CHANGES)), fc.nat(4), fc.nat(20_000)), {
  maxLength: 40,
});

test("whatever happens, at most one node is active, and after an election one is exactly if there is a quorum", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, (nodes, script) => {
      let now = 1_800_000_000_000;
      const cluster = new Cluster(withDefaults({ nodes, electionDelay: "manual", now: () => now }));
      for (const [name, index, milliseconds] of script) {
        const { term, committedIndex } = cluster;
        const member = cluster.members[index % nodes];
        if (member !== undefined) CHANGES[name]?.(cluster, member);
        now += milliseconds;
        const active = cluster.members.filter((one) => cluster.isActive(one));
        expect(active.length).toBeLessThanOrEqual(1);
        expect(active.every((one) => isAudible(one) && one.inRaft)).toBe(true);
        expect(cluster.term).toBeGreaterThanOrEqual(term);
        expect(cluster.committedIndex).toBeGreaterThanOrEqual(committedIndex);
        if (name !== "elect") continue;
        const voters = cluster.members.filter(({ inRaft }) => inRaft);
        expect(active.length === 1).toBe(voters.filter(isAudible).length > voters.length / 2);
      }
      for (const member of cluster.members) {
        const echo = cluster.lastEcho(member);
        expect(echo ?? now).toBeLessThanOrEqual(now);
        expect(cluster.indexesOf(member).committed).toBeLessThanOrEqual(cluster.committedIndex);
      }
    }),
  );
});

test("an election is held by itself after its delay", async () => {
  const cluster = new Cluster(withDefaults({ electionDelay: 1 }));
  const [first, second] = cluster.members;
  cluster.change(() => first && (first.running = false));
  expect(cluster.leader).toBe(first);
  expect(await cluster.nextChange()).toBe(true);
  expect(cluster.leader).toBe(second);
  cluster.close();
  expect(await cluster.nextChange()).toBe(false);
});
