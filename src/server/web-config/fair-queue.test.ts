import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairQueue, QueueFullError } from "./fair-queue.ts";

describe("FairQueue", () => {
  it("takes one job of each client in turn", async () => {
    const queue = new FairQueue({ concurrency: 1, perClient: 9, total: 99 });
    const order: string[] = [];
    const jobs = ["a1", "a2", "a3", "a4", "b1", "c1", "b2"].map((name) =>
      queue.run(name.charAt(0), async () => void order.push(name)),
    );
    await Promise.all(jobs);
    expect(order).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  });

  it("turns away what is too much, of one client and of all", async () => {
    const queue = new FairQueue({ concurrency: 1, perClient: 2, total: 3 });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const taken = ["a", "a", "a"].map((client) => queue.run(client, () => gate));
    await expect(queue.run("a", () => gate)).rejects.toThrow(QueueFullError);
    taken.push(queue.run("b", () => gate));
    await expect(queue.run("c", () => gate)).rejects.toThrow(QueueFullError);
    open();
    await Promise.all(taken);
    await expect(queue.run("a", async () => "again")).resolves.toBe("again");
  });

  it("goes on after a job that fails", async () => {
    const queue = new FairQueue({ concurrency: 1, perClient: 2, total: 3 });
    const failing = queue.run("a", () => Promise.reject(new Error("no")));
    const next = queue.run("a", async () => "done");
    await expect(failing).rejects.toThrow("no");
    await expect(next).resolves.toBe("done");
  });

  it("runs every job once and never more at a time than allowed", async () => {
    const clients = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        clients,
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async (names, concurrency, scheduler) => {
          const queue = new FairQueue({ concurrency, perClient: 99, total: 99 });
          let running = 0;
          let most = 0;
          let done = 0;
          const jobs = names.map((client) =>
            queue.run(client, async () => {
              most = Math.max(most, ++running);
              await scheduler.schedule(Promise.resolve());
              running--;
              done++;
            }),
          );
          await scheduler.waitFor(Promise.all(jobs));
          expect(done).toBe(names.length);
          expect(most).toBe(Math.min(concurrency, names.length));
        },
      ),
    );
  });
});
