import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EvidenceBoard } from "../app/evidence/board.ts";
import { createApp, type AppOptions } from "./app.ts";

let app: ReturnType<typeof createApp>;
let logged: string;

beforeEach(() => {
  logged = "";
  const board: Partial<EvidenceBoard> = {
    log: async (id) => ({ id, line: { state: "not_configured" } }),
    change: () => Promise.reject(Object.assign(new Error("of another server"), { statusCode: 404 })),
  };
  const options: Partial<AppOptions> = {
    log: pino({}, { write: (line: string) => void (logged += line) }),
    packs: [],
    evidence: board as EvidenceBoard,
  };
  app = createApp(options as AppOptions);
});
afterEach(() => app.close());

describe("what no route takes", () => {
  it.each([
    ["/api/v1/logs/%zz", 400],
    [`/api/v1/changes/${"a".repeat(101)}`, 414],
    ["/api/v1/nothing", 404],
  ])("is refused in JSON below /api/: %.30s", async (url, status) => {
    const answer = await app.inject(url);
    expect([answer.statusCode, answer.json()]).toEqual([status, { error: expect.any(String) as string }]);
  });

  it.each([
    ["/%zz", 400],
    ["/nothing", 404],
  ])("is refused in plain words elsewhere: %s", async (url, status) => {
    const { statusCode, headers, body } = await app.inject(url);
    expect([statusCode, headers["content-type"]]).toEqual([status, expect.stringContaining("text/plain")]);
    expect(body).toMatch(/^[^{]+\n$/);
  });
});

describe("an address of evidence that is no page", () => {
  it.each(["/evidence/a/b", `/evidence/${"a".repeat(200)}`, "/traces/a/b", "/logs/a/b/c"])(
    "is a page with a way back: %.20s",
    async (url) => {
      const { statusCode, headers, body } = await app.inject(url);
      expect([statusCode, headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      expect(body).toContain('<a href="/evidence">');
    },
  );
});

describe("an error behind a route", () => {
  it("is one of the server, whatever status it has of another", async () => {
    const { statusCode, body } = await app.inject("/api/v1/changes/a");
    expect([statusCode, body]).toEqual([500, expect.not.stringContaining("of another server")]);
    expect(logged).toContain("of another server");
  });
});
