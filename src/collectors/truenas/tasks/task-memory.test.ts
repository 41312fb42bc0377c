import { describe, expect, it } from "vitest";
import { TaskMemory } from "./task-memory.ts";

const good = (endedAt?: number) => ({ success: true, endedAt });
const bad = (endedAt?: number) => ({ success: false, endedAt });

describe("task memory", () => {
  it("knows nothing of a task before a run is told of", () => {
    expect(new TaskMemory().recall("rsync", "1", undefined)).toMatchObject({
      lastRun: undefined,
      success: undefined,
      lastSuccess: undefined,
    });
  });

  it("keeps the last success through failures, runs under way and forgetting servers", () => {
    const memory = new TaskMemory();
    memory.recall("rsync", "1", good(100));
    expect(memory.recall("rsync", "1", undefined)).toMatchObject({ lastRun: 100, success: true, lastSuccess: 100 });
    expect(memory.recall("rsync", "1", bad(200))).toMatchObject({ lastRun: 200, success: false, lastSuccess: 100 });
    expect(memory.recall("rsync", "1", undefined)).toMatchObject({ lastRun: 200, success: false, lastSuccess: 100 });
    expect(memory.recall("rsync", "1", good(300))).toMatchObject({ lastRun: 300, success: true, lastSuccess: 300 });
  });

  it("does not take a success back for an older one or one without time", () => {
    const memory = new TaskMemory();
    memory.recall("rsync", "1", good(300));
    expect(memory.recall("rsync", "1", good(200)).lastSuccess).toBe(300);
    expect(memory.recall("rsync", "1", good())).toMatchObject({ success: true, lastSuccess: 300 });
    expect(memory.recall("rsync", "1", bad())).toMatchObject({ success: false, lastRun: undefined, lastSuccess: 300 });
  });

  it("takes a success back that a clock which was wrong had put into the future", () => {
    const memory = new TaskMemory();
    memory.recall("rsync", "1", good(1_000_000));
    expect(memory.recall("rsync", "1", good(900_000)).lastSuccess).toBe(900_000);
  });

  it("keeps tasks and kinds apart, and forgets those that are gone", () => {
    const memory = new TaskMemory();
    memory.recall("rsync", "1", good(100));
    memory.recall("cloud_sync", "1", good(200));
    expect(memory.recall("rsync", "1", undefined).lastSuccess).toBe(100);
    memory.keep("rsync", new Set(["2"]));
    expect(memory.recall("rsync", "1", undefined).lastSuccess).toBeUndefined();
    expect(memory.recall("cloud_sync", "1", undefined).lastSuccess).toBe(200);
  });

  it("keeps a text that is left out, and takes a new one", () => {
    const memory = new TaskMemory();
    expect(memory.text("rsync", "1", "name", undefined)).toBe("");
    expect(memory.text("rsync", "1", "name", "site")).toBe("site");
    memory.recall("rsync", "1", good(1));
    expect(memory.text("rsync", "1", "name", undefined)).toBe("site");
    expect(memory.text("rsync", "1", "name", "web")).toBe("web");
    expect(memory.recall("rsync", "1", undefined).lastSuccess).toBe(1);
  });

  it("forgets the runs of a task that copies something else, as one does that got the number of a deleted one", () => {
    const memory = new TaskMemory();
    memory.text("snapshot", "1", "source", "tank/a");
    memory.recall("snapshot", "1", good(100));
    expect(memory.text("snapshot", "1", "source", undefined)).toBe("tank/a");
    expect(memory.recall("snapshot", "1", undefined).lastSuccess).toBe(100);
    memory.text("snapshot", "1", "source", "tank/b");
    expect(memory.recall("snapshot", "1", undefined)).toMatchObject({ success: undefined, lastSuccess: undefined });
  });
});
