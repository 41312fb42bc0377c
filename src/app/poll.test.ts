import { describe, expect, it } from "vitest";
import { milliseconds, seconds } from "../core/duration.ts";
import { CollectError, NoData } from "../core/errors.ts";
import { gauge } from "../core/metric.ts";
import { optionally } from "../core/optionally.ts";
import type { CollectContext, OpenPart } from "../core/pack.ts";
import { poll } from "./poll.ts";

const value = gauge("value", { help: "A value.", labels: ["piece"] });
const up = gauge("up", { help: "Whether it answers." });
const foreign = gauge("foreign", { help: "A value of another part." });
const never = new AbortController().signal;

const part = (collect: (context: CollectContext) => Promise<void>, deadline = seconds(5)): OpenPart => ({
  id: "part",
  of: { collector: "fake", target: "one" },
  title: "Part",
  every: seconds(10),
  deadline,
  metrics: { value, up },
  outcomeMetrics: [up],
  collect,
});

const hang = () => new Promise<void>(() => undefined);

describe("poll", () => {
  it("gives what was recorded, and leaves out what is unknown", async () => {
    const result = await poll(
      part(async ({ record }) => {
        record(value, { piece: "known" }, 7);
        record(value, { piece: "yes" }, true);
        record(value, { piece: "undefined" }, undefined);
        record(value, { piece: "null" }, null);
        record(value, { piece: "nan" }, Number.NaN);
      }),
      never,
    );
    expect(result).toMatchObject({ outcome: "success", errors: [] });
    const { families } = (result as typeof result & { outcome: "success" }).snapshot;
    expect(families).toEqual([
      {
        metric: value,
        samples: [
          { labels: ["known"], value: 7 },
          { labels: ["yes"], value: 1 },
        ],
      },
    ]);
  });

  it("keeps the values of a poll of which a piece is missing, and names the piece", async () => {
    const result = await poll(
      part(async ({ record, missing }) => {
        record(value, { piece: "a" }, 1);
        missing("b", new CollectError("timeout", "GET https://b/: hung"));
      }),
      never,
    );
    expect(result).toMatchObject({
      outcome: "success",
      errors: [{ piece: "b", reason: "timeout", message: "GET https://b/: hung" }],
    });
  });

  const refused = new CollectError("connection_refused", "GET https://a/: refused");
  const fails = () => Promise.reject(refused);

  it.each<[string, (context: CollectContext) => Promise<void>]>([
    ["noted as missing", async ({ missing }) => missing("a", refused)],
    ["run", (context) => optionally(context, "a", fails)],
    ["within another one", (context) => optionally(context, "outer", (within) => optionally(within, "a", fails))],
  ])("has failed when it lacks every piece %s, and shows how it went", async (_, collect) => {
    const result = await poll(
      part(async (context) => {
        context.record(up, {}, false);
        await collect(context);
      }),
      never,
    );
    expect(result).toMatchObject({
      outcome: "failed",
      errors: [{ piece: "a", reason: "connection_refused" }],
      snapshot: { families: [{ metric: up, samples: [{ labels: [], value: 0 }] }] },
    });
  });

  it("has not failed when a piece was read that had nothing", async () => {
    const result = await poll(
      part(async (context) => {
        await optionally(context, "a", fails);
        await optionally(context, "b", () => Promise.resolve());
      }),
      never,
    );
    expect(result).toMatchObject({ outcome: "success", errors: [{ piece: "a" }] });
  });

  it.each([
    ["a failure with its reason", () => Promise.reject(new CollectError("forbidden", "no")), "forbidden"],
    ["a fault of ours", () => Promise.reject(new TypeError("x is not a function")), "internal"],
    ["a part that never ends", hang, "timeout"],
    [
      "a target that names a thing twice",
      async ({ record }: CollectContext) => {
        record(value, { piece: "a" }, 1);
        record(value, { piece: "a" }, 2);
      },
      "unexpected_shape",
    ],
    [
      "a metric that the part does not declare",
      async ({ record }: CollectContext) => record(foreign, {}, 1),
      "internal",
    ],
  ])("turns %s into a result", async (_, collect, reason) => {
    const result = await poll(part(collect, milliseconds(50)), never);
    expect(result).toMatchObject({ outcome: "failed", errors: [{ reason }] });
  });

  it("tells apart that there is nothing to read", async () => {
    const result = await poll(
      part(() => Promise.reject(new NoData("no raft here"))),
      never,
    );
    expect(result).toMatchObject({ outcome: "no_data", note: "no raft here", errors: [] });
  });

  it("keeps nothing of what a part says after its deadline", async () => {
    const late = Promise.withResolvers<void>();
    const result = await poll(
      part(async ({ missing }) => {
        await late.promise;
        missing("a", new CollectError("sealed", "too late"));
      }, milliseconds(20)),
      never,
    );
    late.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(result).toMatchObject({ outcome: "failed" });
    expect(result.errors.map(({ reason }) => reason)).toEqual(["timeout"]);
  });

  it("hands the deadline to the part", async () => {
    const result = await poll(
      part(
        ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
        milliseconds(20),
      ),
      never,
    );
    expect(result).toMatchObject({ outcome: "failed", errors: [{ reason: "timeout" }] });
  });
});
