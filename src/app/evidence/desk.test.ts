import { describe, expect, it } from "vitest";
import { evidenceSchema } from "../../config/evidence-schema.ts";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { bundleOf } from "./__fixtures__/bundle.ts";
import { EvidenceDesk } from "./desk.ts";
import type { DeskStore } from "./desk-options.ts";
import { lostStore } from "./lost-store.ts";
import { evidenceOf } from "./lines.ts";

const signal = new AbortController().signal;

const open = (store: DeskStore | undefined): Promise<EvidenceDesk> =>
  EvidenceDesk.open({
    evidence: evidenceSchema.parse({}),
    prometheus: undefined,
    externalUrl: "http://watchkeeper.example.org",
    relations: [],
    inhibitions: [],
    store,
  });

const about = async (store: DeskStore | undefined) => {
  const desk = await open(store);
  const window = { from: Date.now() - 600_000, to: Date.now() };
  try {
    return await desk.aboutLabels({ labels: { service: "shop" }, window }, signal);
  } finally {
    await desk.close();
  }
};

/** A store in which nothing is, and that answers this when a bundle is to be kept. */
const empty = (saveBundle: DeskStore["saveBundle"]): DeskStore => ({
  ...lostStore(new Error("not asked for")),
  saveBundle,
  changes: async () => [],
  groups: async () => [],
});

describe("a desk", () => {
  it("keeps what it made", async () => {
    const kept: string[] = [];
    const bundle = await about(empty(async ({ id }) => void kept.push(id)));
    expect(kept).toEqual([bundle.id]);
    expect(bundle).not.toHaveProperty("notKept");
  });

  it.each([new StoreUnavailable("the disk is full"), new StoreUnusable("no store"), new RangeError("it has 9 MiB")])(
    "gives what it made though it can not be kept, and says so: %s",
    async (why) => {
      const bundle = await about(empty(() => Promise.reject(why)));
      expect(bundle.notKept).toContain(why.message);
      expect(evidenceOf(bundle)).toMatchObject({ isNotKept: true });
    },
  );

  it("does not hide what is no fault of the store", async () => {
    await expect(about(empty(() => Promise.reject(new TypeError("a bug"))))).rejects.toThrow("a bug");
  });

  it("answers without a store, and with one that is lost, whose changes it tells as not read", async () => {
    expect((await about(undefined)).notKept).toContain("no store yet");
    const bundle = await about(lostStore(new StoreUnavailable("connection refused")));
    expect(bundle.notKept).toContain("connection refused");
    expect(bundle.reports.find((report) => report.signal === "changes")).toMatchObject({ verdict: "source_down" });
    const desk = await open(lostStore(new StoreUnavailable("connection refused")));
    await expect(desk.rerun(bundleOf().id, signal)).rejects.toThrow(StoreUnavailable);
    await expect(desk.aboutAlert("a1", signal)).rejects.toThrow(StoreUnavailable);
  });
});
