import { fastify, type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { Change, TimeWindow } from "../../core/telemetry.ts";
import { registerChangeRoutes } from "./changes.ts";

const ID = "0123456789abcdef0123456789abcdef";

let app: FastifyInstance;
let kept: Change[];
let asked: (TimeWindow & { limit: number })[];
let board: Partial<EvidenceBoard>;

beforeEach(() => {
  kept = [];
  asked = [];
  board = {
    keepChange: async (change) => {
      kept.push(change);
      return { id: ID, ...change };
    },
    changes: async (window, limit) => {
      asked.push({ ...window, limit });
      return kept.map((change) => ({ id: ID, ...change }));
    },
    change: async (id) => kept.map((change) => ({ id: ID, ...change })).find((one) => one.id === id),
  };
  app = fastify();
  registerChangeRoutes(app, board as EvidenceBoard);
});
afterEach(() => app.close());

const tell = (payload: object) => app.inject({ method: "POST", url: "/api/v1/changes", payload });

describe("POST /api/v1/changes", () => {
  it("keeps a change, now unless it says when, and answers where it is", async () => {
    const before = Date.now();
    const answer = await tell({ title: "shop 2.4.0", labels: { service: "shop" }, link: "https://ci.example.org/1" });
    expect(answer.statusCode).toBe(201);
    const url = `/api/v1/changes/${ID}`;
    expect(answer.json()).toEqual({ id: ID, url, ...kept[0] });
    expect(answer.headers["location"]).toBe(url);
    expect((await app.inject(url)).json()).toMatchObject({ id: ID, title: "shop 2.4.0" });
    await tell({ kind: "config", title: "pool\nresized", at: "2026-11-27T03:00:00Z" });
    expect(kept).toEqual([
      {
        kind: "deploy",
        at: expect.any(Number) as number,
        title: "shop 2.4.0",
        labels: { service: "shop" },
        source: "api",
        link: "https://ci.example.org/1",
      },
      { kind: "config", at: Date.parse("2026-11-27T03:00:00Z"), title: "pool resized", labels: {}, source: "api" },
    ]);
    expect(kept[0]?.at).toBeGreaterThanOrEqual(before);
  });

  it("says what it means that a change has no labels", async () => {
    expect((await tell({ title: "x" })).json()).toMatchObject({ note: expect.stringContaining("no labels") as string });
  });

  it.each([Date.now() + 23 * 3_600_000, "399d"])("keeps one of %s", async (at) => {
    expect((await tell({ title: "planned", at })).statusCode).toBe(201);
    expect(kept).toHaveLength(1);
  });

  it.each<[object, RegExp]>([
    [{}, /^title: is missing: what was changed, in one line$/],
    [{ title: " " }, /^title: must not be empty$/],
    [{ title: "\n\u0007" }, /^title: must not be empty$/],
    [{ title: "x", labels: { "\u200b": "1" } }, /^labels.*: must not be empty$/],
    [{ title: "x", labels: { service: "\u0000" } }, /^labels\.service: must not be empty$/],
    [{ title: "x", kind: "party" }, /^kind: must be one of deploy, config, certificate, migration, restart, other$/],
    [{ title: "x", kind: "alert" }, /^kind: must be one of deploy, config, certificate, migration, restart, other$/],
    [{ title: "x", at: "soon" }, /^at: a time is RFC 3339/],
    [{ title: "x", at: [] }, /^at: a time is RFC 3339/],
    [{ title: "x", at: "99999999y" }, /^at: a time is/],
    [{ title: "x", at: `${"9".repeat(400)}y` }, /^at: a time is/],
    [{ title: "x", at: 1e300 }, /^at: a time is/],
    [{ title: "x", at: Date.now() + 25 * 3_600_000 }, /^at: .*a day ahead/],
    [{ title: "x", at: "401d" }, /^at: .*400 days/],
    [{ title: "x", link: "javascript:alert(1)" }, /^link: must be an address that begins with http/],
    [{ title: "x", labels: { service: ["shop"] } }, /^labels\.service: must be a text, is a list$/],
    [{ title: "x", labels: { "": "1" } }, /^labels\.?: must not be empty$/],
    [{ title: "x", labels: { ["a".repeat(300)]: "1" } }, /^labels\.a{50,}….*: must have at most 200 characters$/],
    [{ title: "x", extra: 1 }, /^the body: unknown key "extra"; known are kind, at, title, labels, link$/],
    [{ title: "x", lables: {} }, /^the body: unknown key "lables"; did you mean "labels"\?$/],
    [
      { title: 7, labels: { a: 1 } },
      /^title: must be a text, is a number: put it in quotes; labels\.a: must be a text/,
    ],
    [[], /^the body: must be a mapping of keys, is a list$/],
  ])("refuses %j", async (payload, message) => {
    const answer = await tell(payload);
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: expect.stringMatching(message) as string }]);
    expect(kept).toEqual([]);
  });

  it.each([
    ["application/x-www-form-urlencoded", "title=x", 415, /content-type: application\/json/],
    ["text/plain", '{"title":"x"}', 415, /content-type: application\/json/],
    ["application/json", "", 400, /^the body is empty: send JSON such as/],
    ["application/json", '{"title":"x",}', 400, /^the body is no JSON: .*line 1 column 14/],
    ["application/json", '{"title": x}', 400, /^the body is no JSON: .*'x'/],
    ["application/json", `{"title":"${"x".repeat(70_000)}"}`, 413, /^the body is too large/],
    ["application/json", '{"title":"x","__proto__":{"kind":"alert"}}', 400, /^the body: unknown key/],
  ])("refuses what is no JSON of its own: %s %.20s", async (type, payload, status, message) => {
    const answer = await app.inject({
      method: "POST",
      url: "/api/v1/changes",
      payload,
      headers: { "content-type": type },
    });
    expect([answer.statusCode, answer.json()]).toEqual([status, { error: expect.stringMatching(message) as string }]);
    expect(kept).toEqual([]);
  });
});

describe("GET /api/v1/changes", () => {
  it("lists what was told in a time, a bounded number", async () => {
    await tell({ title: "shop 2.4.0" });
    const answer = await app.inject("/api/v1/changes?from=2026-11-27T03:00:00Z&to=2026-11-27T04:00:00Z&limit=7");
    expect(answer.json()).toMatchObject({ changes: [{ id: ID, title: "shop 2.4.0" }] });
    await app.inject("/api/v1/changes");
    expect(asked).toEqual([
      { from: Date.parse("2026-11-27T03:00:00Z"), to: Date.parse("2026-11-27T04:00:00Z"), limit: 7 },
      { from: 0, to: expect.any(Number) as number, limit: 50 },
    ]);
    expect(asked[1]?.to).toBeGreaterThan(Date.now() + 24 * 3_600_000);
  });

  it.each(["limit=0", "limit=501", "limit=x", "from=soon", "to=soon", "from=1h&to=2h", "form=1h", "from=1h&from=2h"])(
    "refuses %s",
    async (query) => {
      expect((await app.inject(`/api/v1/changes?${query}`)).statusCode).toBe(400);
      expect(asked).toEqual([]);
    },
  );

  it("does not blame whoever asks for what fails behind it", async () => {
    board.change = async () => JSON.parse("{cut") as never;
    expect((await app.inject(`/api/v1/changes/${ID}`)).statusCode).toBe(500);
  });

  it("answers 404 for one that is not known, and 503 while the store is away", async () => {
    expect((await app.inject("/api/v1/changes/ffff")).statusCode).toBe(404);
    board.changes = () => Promise.reject(new StoreUnavailable("the disk is full"));
    const answer = await app.inject("/api/v1/changes");
    expect([answer.statusCode, answer.json()]).toEqual([503, { error: "The store can not be read: the disk is full" }]);
  });
});
