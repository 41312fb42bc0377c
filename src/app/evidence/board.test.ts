import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { evidenceSchema } from "../../config/evidence-schema.ts";
import { CollectError } from "../../core/errors.ts";
import type { Bundle } from "../../core/evidence.ts";
import { alertOf, groupOf } from "../deliveries/__fixtures__/world.ts";
import { bundleOf } from "./__fixtures__/bundle.ts";
import { startEvidenceBoard, type BoardOptions, type EvidenceBoard } from "./board.ts";
import { EvidenceDesk } from "./desk.ts";

/** A desk that makes a bundle when it is told to. */
interface FakeDesk {
  readonly options: BoardOptions;
  readonly making: ((bundle: Bundle) => void)[];
  isClosed: boolean;
}

let desks: FakeDesk[];
let isBroken: boolean;

const signal = new AbortController().signal;
const request = { about: "labels", labels: { service: "shop" }, window: { from: 0, to: 60_000 } } as const;
const store = {
  bundles: async () => [{ id: "1", createdAt: 1, about: "postgres://u:planted-secret@db", window: request.window }],
  bundle: async () => secretBundle,
  group: async () => groupOf("g", [alert]),
  list: async () => [],
} as unknown as BoardOptions["store"];
const labels = { alertname: "DatabaseDown", dsn: "postgres://u:planted-secret@db/x" };
const { question } = bundleOf();
const alert = alertOf("db-1", {
  fingerprint: question.alert?.fingerprint ?? "",
  startsAt: question.alert?.startsAt ?? 0,
  labels,
  links: { runbook: "https://u:of-a-link@runbooks.example.org" },
});
const secretBundle = bundleOf({
  question: { ...question, ...(question.alert !== undefined && { alert: { ...question.alert, labels } }) },
});

const optionsOf = (evidence: object = {}, over: Partial<BoardOptions> = {}): BoardOptions => ({
  evidence: evidenceSchema.parse(evidence),
  prometheus: undefined,
  externalUrl: "http://watchkeeper.example.org",
  relations: [],
  inhibitions: [],
  store,
  ...over,
});
const changed = { externalUrl: "http://elsewhere.example.org" };

beforeEach(() => {
  desks = [];
  isBroken = false;
  const open = EvidenceDesk.open.bind(EvidenceDesk);
  vi.spyOn(EvidenceDesk, "open").mockImplementation(async (options) => {
    if (isBroken) throw new CollectError("tls_untrusted", "ca_file is not usable");
    const fake: FakeDesk = { options: options as BoardOptions, making: [], isClosed: false };
    desks.push(fake);
    const made = (): Promise<Bundle> => {
      if (fake.isClosed) throw new Error("the client is closed");
      return new Promise((resolve) => fake.making.push(resolve));
    };
    const desk = await open(options);
    return Object.assign(desk, { aboutLabels: made, aboutGroup: made, close: async () => void (fake.isClosed = true) });
  });
});
afterEach(() => void vi.restoreAllMocks());

const start = (options = optionsOf()): Promise<EvidenceBoard> => startEvidenceBoard(options);
/** Lets everything go on that needs no event. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a board whose configuration changes", () => {
  it("closes the former desk when the last bundle that is made there is done, and makes the next at the new one", async () => {
    const board = await start();
    const first = board.make(request, signal);
    await settle();
    const enriching = board.aboutGroup(groupOf("g", [alert]), signal);
    await settle();
    await board.replace(optionsOf({}, changed));
    const later = board.make(request, signal);
    await settle();
    expect(desks.map(({ making, isClosed }) => [making.length, isClosed])).toEqual([
      [2, false],
      [1, false],
    ]);
    desks[0]?.making[0]?.(bundleOf({ id: "first" }));
    expect(await first).toMatchObject({ id: "first" });
    expect(desks[0]?.isClosed).toBe(false);
    desks[0]?.making[1]?.(bundleOf({ id: "second" }));
    expect(await enriching).toMatchObject({ id: "second" });
    expect(desks.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    desks[1]?.making[0]?.(bundleOf());
    await later;
    await board.stop();
    expect(desks.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  it("closes a desk that nobody uses at once, and at its end those too that somebody uses", async () => {
    const board = await start();
    await board.replace(optionsOf({}, changed));
    expect(desks[0]?.isClosed).toBe(true);
    void board.make(request, signal);
    await settle();
    await board.replace(optionsOf());
    expect(desks[1]?.isClosed).toBe(false);
    await board.stop();
    expect(desks.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });

  const token = (text: string) => ({
    traces: { kind: "jaeger", url: "http://j", login: { type: "bearer", token: text } },
  });
  const jaeger = { kind: "jaeger", url: "http://j" };
  it.each([
    ["keeps its desk when nothing changed", optionsOf({ traces: jaeger }), optionsOf({ traces: jaeger }), 1],
    ["takes a new one for another pattern", optionsOf(), optionsOf({ scrub: ["x"] }), 2],
    ["takes a new one for a secret, which looks as the former", optionsOf(token("a")), optionsOf(token("b")), 2],
  ])("%s", async (_, before, after, count) => {
    const board = await start(before);
    await board.replace(after);
    expect(desks).toHaveLength(count);
    await board.stop();
  });

  it("takes a new desk when a file of certificates is named, since it may hold others", async () => {
    const prometheus = { url: "http://p", caFile: "ca.pem" };
    vi.mocked(EvidenceDesk.open).mockImplementation(async () => {
      desks.push({ options: optionsOf(), making: [], isClosed: false });
      return { close: async () => undefined } as unknown as EvidenceDesk;
    });
    const board = await start(optionsOf({}, { prometheus }));
    await board.replace(optionsOf({}, { prometheus: { ...prometheus } }));
    expect(desks).toHaveLength(2);
  });

  it("leaves the former desk in use when the new one can not be opened", async () => {
    const board = await start();
    isBroken = true;
    await expect(board.replace(optionsOf({}, changed))).rejects.toThrow("ca_file is not usable");
    const making = board.make(request, signal);
    await settle();
    desks[0]?.making[0]?.(bundleOf());
    expect(await making).toMatchObject({ id: bundleOf().id });
    expect(desks.map(({ isClosed }) => isClosed)).toEqual([false]);
    await board.stop();
  });
});

describe("a board", () => {
  it("makes two bundles at once, the next when one is done", async () => {
    const board = await start();
    const all = [1, 2, 3].map(() => board.make(request, signal));
    await settle();
    expect(desks[0]?.making).toHaveLength(2);
    desks[0]?.making[0]?.(bundleOf());
    await all[0];
    await settle();
    expect(desks[0]?.making).toHaveLength(3);
    for (const done of desks[0]?.making ?? []) done(bundleOf());
    await Promise.all(all);
    await board.stop();
  });

  it("shows no secret of what is kept, and the links and ids as they are", async () => {
    const board = await start();
    const incident = await board.incident(secretBundle.id);
    const shown = JSON.stringify([await board.bundles({ limit: 1 }), await board.bundle("1"), incident]);
    expect(shown).not.toContain("planted-secret");
    expect(shown).toContain("postgres://u:<redacted>@db");
    expect(JSON.stringify(secretBundle)).toContain("planted-secret");
    expect(incident?.alert).toMatchObject({ fingerprint: alert.fingerprint, links: alert.links });
    await board.stop();
  });

  it("does not take an id for a secret because of a pattern", async () => {
    const board = await start(optionsOf({ scrub: ["[0-9a-f]{16}", "g1"] }));
    expect((await board.bundle("1"))?.question.alert).toMatchObject({
      groupId: "g1",
      fingerprint: alert.fingerprint,
      labels: { dsn: "postgres://u:<redacted>@db/x" },
    });
    await board.stop();
  });
});
