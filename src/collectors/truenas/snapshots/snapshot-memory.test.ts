import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SnapshotMemory } from "./snapshot-memory.ts";
import type { SnapshotRequest, SnapshotRow, SnapshotSource } from "./snapshot-source.ts";

const SCHEMA = "auto-%Y-%m-%d_%H-%M";
const HOUR = 3_600;
const nothingLeftOut = (_dataset: string): boolean => false;

/** A server in a few lines: what a test does to it is the truth. */
class FakeServer implements SnapshotSource {
  readonly mostRows = 10_000;
  readonly datasets = new Map<string, SnapshotRow[]>();
  readonly asked: SnapshotRequest[] = [];
  rowsSent = 0;
  txg = 100;
  /** Whether answers have times. */
  tellsTime = true;

  add(dataset: string, snapshots = 0): this {
    this.datasets.set(dataset, []);
    for (let i = 0; i < snapshots; i++) this.take([dataset]);
    return this;
  }

  take(datasets: readonly string[], name?: string): void {
    this.txg += 1;
    for (const dataset of datasets) {
      const txg = this.txg;
      this.of(dataset).push({ dataset, name: name ?? `manual-${txg}`, txg, createdAt: txg * 10 });
    }
  }

  of(dataset: string): SnapshotRow[] {
    const list = this.datasets.get(dataset);
    if (list === undefined) throw new Error(`no dataset ${dataset}`);
    return list;
  }

  async counts(): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.datasets].map(([dataset, list]) => [dataset, list.length]));
  }

  async list(request: SnapshotRequest): Promise<readonly SnapshotRow[]> {
    this.asked.push(request);
    const { of, minTxg = 0, maxTxg = Number.POSITIVE_INFINITY, dated } = request;
    const isIn = (dataset: string): boolean =>
      typeof of === "string" ? dataset === of || dataset.startsWith(`${of}/`) : of.includes(dataset);
    const rows = [...this.datasets].flatMap(([dataset, list]) => (isIn(dataset) ? list : []));
    const found = rows.filter(({ txg }) => txg >= minTxg && txg <= maxTxg);
    this.rowsSent += found.length;
    return found.map((row) => ({ ...row, createdAt: dated && this.tellsTime ? row.createdAt : undefined }));
  }

  truth(): object {
    return Object.fromEntries(
      [...this.datasets].map(([dataset, list]) => [
        dataset,
        [
          list.length,
          list.reduce<SnapshotRow | undefined>((a, b) => (a && a.txg > b.txg ? a : b), undefined)?.createdAt,
        ],
      ]),
    );
  }
}

const seen = (memory: SnapshotMemory): object =>
  Object.fromEntries([...memory.counted()].map(({ dataset, count, newestAt }) => [dataset, [count, newestAt]]));

async function poll(memory: SnapshotMemory, server: FakeServer, now: number, isLeftOut = nothingLeftOut) {
  server.asked.length = 0;
  server.rowsSent = 0;
  await memory.update(server, now, isLeftOut);
}

describe("snapshot memory", () => {
  it("reads all once, and then what is new", async () => {
    const server = new FakeServer();
    const names = Array.from({ length: 300 }, (_, i) => `tank/d${i}`);
    for (const name of names) server.add(name, 5);
    const memory = new SnapshotMemory();
    await poll(memory, server, HOUR);
    expect(seen(memory)).toEqual(server.truth());
    expect(server.rowsSent).toBeGreaterThan(1_500);
    await poll(memory, server, HOUR + 300);
    expect([server.asked.length, server.rowsSent]).toEqual([1, 0]);
    server.take(names.slice(0, 7));
    await poll(memory, server, HOUR + 600);
    expect([server.asked.length, server.rowsSent]).toEqual([1, 7]);
    expect(seen(memory)).toEqual(server.truth());
  });

  it("looks only for the newest ones where something was destroyed", async () => {
    const server = new FakeServer();
    const names = Array.from({ length: 200 }, (_, i) => `tank/d${i}`);
    for (const name of names) server.add(name);
    for (let i = 0; i < 20; i++) server.take(names);
    const memory = new SnapshotMemory();
    await poll(memory, server, HOUR);
    // what an hourly task does: one comes, one goes
    server.take(names);
    for (const name of names) server.of(name).shift();
    await poll(memory, server, HOUR + 300);
    expect(seen(memory)).toEqual(server.truth());
    expect(server.rowsSent).toBe(400);
    server.of("tank/d7").pop();
    await poll(memory, server, HOUR + 600);
    expect(seen(memory)).toEqual(server.truth());
    expect(server.rowsSent).toBeLessThan(50);
  });

  it("finds what equal counts hide after an hour at the latest", async () => {
    const server = new FakeServer().add("tank/a", 3).add("tank/b", 3);
    const memory = new SnapshotMemory();
    await poll(memory, server, HOUR);
    const [a, b] = [server.of("tank/a"), server.of("tank/b")].map((list) => list.splice(0));
    const moved = (rows: SnapshotRow[] = [], dataset: string): SnapshotRow[] =>
      rows.map((row) => ({ ...row, dataset }));
    server.of("tank/a").push(...moved(b, "tank/a"));
    server.of("tank/b").push(...moved(a, "tank/b"));
    await poll(memory, server, 2 * HOUR + 1);
    expect(seen(memory)).toEqual(server.truth());
  });

  it("knows the newest of a naming schema, from when it is wanted on", async () => {
    const server = new FakeServer().add("tank/a").add("tank/b", 1);
    server.take(["tank/a"], "auto-2026-11-26_10-00");
    server.take(["tank/a"], "by-hand");
    const memory = new SnapshotMemory();
    await poll(memory, server, HOUR);
    expect(memory.newestMade("tank/a", SCHEMA, 0)).toBeUndefined();
    memory.want(new Map([["tank/a", new Set([SCHEMA])]]));
    await poll(memory, server, HOUR + 300);
    expect(memory.newestMade("tank/a", SCHEMA, 0)).toBe(1_020);
    server.take(["tank/a"], "auto-2026-11-26_11-00");
    server.take(["tank/a"], "by-hand-again");
    await poll(memory, server, HOUR + 600);
    expect(memory.newestMade("tank/a", SCHEMA, 0)).toBe(1_040);
    expect(memory.newestMade("tank/b", SCHEMA, 0)).toBeUndefined();
    server.of("tank/a").splice(2, 1);
    await poll(memory, server, HOUR + 900);
    expect(memory.newestMade("tank/a", SCHEMA, 0)).toBe(1_020);
    server.of("tank/a").splice(0, 1);
    await poll(memory, server, HOUR + 1_200);
    expect(memory.newestMade("tank/a", SCHEMA, 0)).toBeUndefined();
    expect(seen(memory)).toEqual(server.truth());
  });

  it("says nothing of a schema's newest when nobody has looked for long", async () => {
    const server = new FakeServer().add("tank/a");
    server.take(["tank/a"], "auto-2026-11-26_10-00");
    const memory = new SnapshotMemory();
    memory.want(new Map([["tank/a", new Set([SCHEMA])]]));
    await poll(memory, server, HOUR);
    expect(memory.newestMade("tank/a", SCHEMA, HOUR)).toBe(1_010);
    expect(memory.newestMade("tank/a", SCHEMA, HOUR + 1)).toBeUndefined();
  });

  it("asks once for a time that is not told, and leaves it unknown", async () => {
    const server = new FakeServer().add("tank/a", 2);
    server.tellsTime = false;
    const memory = new SnapshotMemory();
    await poll(memory, server, HOUR);
    expect(seen(memory)).toEqual({ "tank/a": [2, undefined] });
    await poll(memory, server, HOUR + 300);
    expect(server.asked.length).toBe(1);
  });

  it("reads none of what is left out, but for what is wanted", async () => {
    const server = new FakeServer().add("tank/a", 1).add("tank/out", 3).add("tank/out/task", 2);
    const memory = new SnapshotMemory();
    memory.want(new Map([["tank/out/task", new Set([SCHEMA])]]));
    await poll(memory, server, HOUR, (dataset) => dataset.startsWith("tank/out"));
    expect(Object.keys(seen(memory))).toEqual(["tank/a", "tank/out/task"]);
  });

  it("goes on where a look was broken off", async () => {
    const server = new FakeServer().add("tank/a", 2).add("backup/b", 2);
    const memory = new SnapshotMemory();
    const failing: SnapshotSource = {
      mostRows: server.mostRows,
      counts: () => server.counts(),
      list: async (request) => {
        if (request.of.includes("backup/b")) throw new Error("broken off");
        return server.list(request);
      },
    };
    await expect(memory.update(failing, HOUR, nothingLeftOut)).rejects.toThrow("broken off");
    server.take(["tank/a", "backup/b"]);
    server.of("tank/a").shift();
    await poll(memory, server, HOUR + 300);
    expect(seen(memory)).toEqual(server.truth());
  });

  it("names at most 400 datasets in a question, and asks page by page for many snapshots", async () => {
    const server = new FakeServer();
    const names = Array.from({ length: 1_000 }, (_, i) => `tank/d${i}`);
    for (const name of names) server.add(name);
    for (let i = 0; i < 40; i++) server.take(names);
    const memory = new SnapshotMemory();
    await poll(memory, server, HOUR);
    const sizes = server.asked.map(({ of }) => of.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(400);
    expect(server.asked.filter(({ dated }) => !dated).map(({ of }) => of.length)).toEqual([250, 250, 250, 250]);
    expect(seen(memory)).toEqual(server.truth());
    // after a long time away there is more news than one answer should hold
    for (let i = 0; i < 31; i++) server.take(names);
    await poll(memory, server, HOUR + 300);
    expect(server.asked.filter(({ of }) => typeof of === "string")).toEqual([]);
    expect(seen(memory)).toEqual(server.truth());
  });
});

describe("any history of snapshots", () => {
  const DATASETS = ["tank", "tank/a", "tank/a/b", "tank/c", "backup/x", "backup/y"];
  const dataset = fc.constantFrom(...DATASETS);
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("take" as const),
      datasets: fc.subarray(DATASETS, { minLength: 1 }),
      auto: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("destroy" as const), dataset, share }),
    fc.record({ kind: fc.constant("rollback" as const), dataset, share }),
    fc.record({ kind: fc.constant("rename" as const), dataset, share }),
    fc.record({ kind: fc.constant("remove" as const), dataset }),
    fc.constant({ kind: "poll" as const }),
  );
  type Step = (typeof step extends fc.Arbitrary<infer S> ? S : never) & object;

  function apply(server: FakeServer, done: Exclude<Step, { kind: "poll" }>, i: number): void {
    if (done.kind === "take") {
      for (const each of done.datasets) if (!server.datasets.has(each)) server.add(each);
      server.take(done.datasets, done.auto ? `auto-2026-11-26_10-${String(i).padStart(2, "0")}` : `manual-${i}`);
      return;
    }
    const list = server.datasets.get(done.dataset);
    if (list === undefined) return;
    if (done.kind === "remove") server.datasets.delete(done.dataset);
    else {
      const at = Math.floor(done.share * list.length);
      const [row] = list.slice(at, at + 1);
      if (done.kind === "destroy") list.splice(at, 1);
      else if (done.kind === "rollback") list.splice(at + 1);
      else if (row !== undefined) list[at] = { ...row, name: `renamed-${i}` };
    }
  }

  const schemaTruth = (server: FakeServer, of: string): number | undefined =>
    server.datasets.get(of)?.findLast(({ name }) => name.startsWith("auto-"))?.createdAt;

  it("is known after every look, and its schema's newest one after the hourly look", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const server = new FakeServer().add("tank", 2).add("backup/x", 1);
        const memory = new SnapshotMemory();
        memory.want(new Map([["tank/a", new Set([SCHEMA])]]));
        const looks: [object, object][] = [];
        await poll(memory, server, HOUR);
        for (const [i, each] of steps.entries()) {
          if (each.kind !== "poll") {
            apply(server, each, i);
            continue;
          }
          await poll(memory, server, HOUR + i);
          looks.push([seen(memory), server.truth()]);
        }
        for (const [known, truth] of looks) expect(known).toEqual(truth);
        await poll(memory, server, 3 * HOUR);
        expect(seen(memory)).toEqual(server.truth());
        expect(memory.newestMade("tank/a", SCHEMA, 0)).toBe(schemaTruth(server, "tank/a"));
      }),
      { numRuns: 200 },
    );
  });
});
