import { afterEach, describe, expect, it } from "vitest";
import type { TraceReading } from "../../core/telemetry.ts";
import { Secret } from "../../core/secret.ts";
import { type Answer, type AnswerServer } from "../spans/__fixtures__/answer-server.ts";
import { startRecordedTempo } from "./__fixtures__/recorded-tempo.ts";
import { openTempo } from "./source.ts";

const FROM = 1_795_425_620_000;
const WINDOW = { from: FROM, to: FROM + 900_000 };
const NOW = FROM + 3_600_000;
const NOTHING = { services: [], namespaces: [], pods: [], hosts: [] };

let server: AnswerServer | undefined;
afterEach(async () => server?.close());

interface Asked {
  readonly answer: (url: URL, count: number) => string | Answer;
  readonly window?: { readonly from: number; readonly to: number };
  readonly now?: number;
}

async function read({ answer, window = WINDOW, now = NOW }: Asked): Promise<TraceReading> {
  server = await startRecordedTempo(answer, {
    tenant: "shop",
    login: { type: "bearer", token: { value: new Secret("a-very-secret-token"), file: undefined } },
  });
  const source = await openTempo(server.config, { now: () => now });
  const baseline = { from: window.from - 3_600_000, to: window.from };
  const filter = { ...NOTHING, services: ["payments"] };
  try {
    return await source.read({ filter, window, baseline, traces: 5 }, AbortSignal.timeout(5_000));
  } finally {
    await source.close();
  }
}

const found = (of: object): Answer => ({
  status: 200,
  type: "application/json",
  body: JSON.stringify({ traces: [{ traceID: "1", startTimeUnixNano: `${FROM}000000`, ...of }] }),
});

const NO_SERIES = { status: 200, type: "application/json", body: '{"series":[],"metrics":{}}' };

describe("an answer that is none of Tempo's", () => {
  it.each([
    { status: 200, type: "application/json", body: "{}" },
    found({ traceID: null }),
    found({ traceID: "no id" }),
    found({ startTimeUnixNano: null }),
    found({ durationMs: -1 }),
    found({ serviceStats: { payments: { spanCount: null } } }),
  ])("to a search is a failure, and not that there are no traces: %j", async (answer) => {
    await expect(read({ answer: () => answer })).rejects.toMatchObject({ reason: "unexpected_shape" });
  });

  it.each([{}, { series: null }, { series: [{ labels: [], value: null }] }, { series: [{ labels: [], value: -1 }] }])(
    "to a query of metrics is no count of nothing: %j",
    async (body) => {
      const answer = { status: 200, type: "application/json", body: JSON.stringify(body) };
      const { notes } = await read({ answer: (url) => (isMetrics(url) ? answer : "search-empty") });
      expect(notes.join(" ")).toContain("This Tempo did not count spans");
    },
  );

  it("that counts nothing of what failed is told as incomplete", async () => {
    const { incomplete } = await read({ answer: (url) => (isMetrics(url) ? NO_SERIES : found({})) });
    expect(incomplete).toMatch(/counts no spans .* though it finds failed traces/);
  });

  it("that counts no requests is whole when only a batch job failed, which has none", async () => {
    const ofRequests = (url: URL): boolean => (url.searchParams.get("q") ?? "").includes("kind = server");
    const answer = (url: URL): string | Answer => {
      if (isMetrics(url)) return NO_SERIES;
      return ofRequests(url) ? "search-empty" : found({});
    };
    const { failed, incomplete } = await read({ answer });
    expect(failed).toHaveLength(1);
    expect(incomplete).toBeUndefined();
  });
});

const isMetrics = (url: URL): boolean => url.pathname.startsWith("/api/metrics");

describe("what a Tempo refuses", () => {
  it.each([
    ["mt-no-header-search", "unauthorized", /no org id.*set evidence\.traces\.tenant/],
    ["mt-bad-tenant-slash", "unexpected_status", /tenant ID 'a\/b' contains unsupported character/],
    ["timeout-search", "timeout", /unable to process request in the configured timeout/],
    ["too-many-requests", "rate_limited", /job queue full/],
    ["limit-trace-v1-too-large", "unexpected_status", /422/],
  ])("%s fails with its own words", async (name, reason, words) => {
    const failure = read({ answer: () => name });
    await expect(failure).rejects.toMatchObject({ reason });
    await expect(failure).rejects.toThrow(words);
  });

  it("is asked again after a 429", async () => {
    const reading = await read({ answer: (url, count) => (count === 1 ? "too-many-requests" : answerEmpty(url)) });
    expect(reading.failed).toStrictEqual([]);
  });

  it("shows neither a page of HTML nor the credential that a server gives back", async () => {
    const page = { status: 403, type: "text/html", body: "<html><p>a-very-secret-token</p></html>" };
    await expect(read({ answer: () => page })).rejects.toThrow(/status 403$/);
    await server?.close();
    const echo = { status: 403, type: "text/plain", body: "token a-very-secret-token is not known" };
    await expect(read({ answer: () => echo })).rejects.toThrow(/status 403: token <redacted> is not known/);
  });

  it("cuts a range that it does not search at once, with a note", async () => {
    const window = { from: FROM - 400 * 3_600_000, to: FROM };
    const tooLong = (url: URL): boolean => url.pathname === "/api/search" && spanOf(url) > 168 * 3_600;
    const reading = await read({
      window,
      answer: (url) => (tooLong(url) ? "search-range-too-large" : answerEmpty(url)),
    });
    expect(reading.notes).toContain(
      "This Tempo searches at most 7d at once: the beginning of a longer time is left out.",
    );
    const searches = server?.asked.filter(({ pathname }) => pathname === "/api/search").map(spanOf) ?? [];
    expect(searches).toContain(168 * 3_600);
    expect(server?.asked.at(-1)?.searchParams.get("end")).toBe(String(FROM / 1_000));
  });

  it("cuts the range of counts by its own limit", async () => {
    const window = { from: FROM - 30 * 3_600_000, to: FROM };
    await read({
      window,
      answer: (url) =>
        isMetrics(url) && spanOf(url) > 24 * 3_600 ? "metrics-instant-range-too-large" : answerEmpty(url),
    });
    expect(server?.asked.filter(isMetrics).map(spanOf)).toContain(24 * 3_600);
  });

  it("moves a window back that lies in the last 30 s", async () => {
    const now = FROM + 500;
    const reading = await read({
      window: { from: now - 10_000, to: now + 60_000 },
      now,
      answer: (url) => {
        const isYoung = Number(url.searchParams.get("start")) > now / 1_000 - 30;
        if (isYoung) return isMetrics(url) ? "metrics-instant-reversed" : "search-reversed";
        return answerEmpty(url);
      },
    });
    expect(reading.notes.join(" ")).toContain("the time just before was read");
    const moved = server?.asked.filter(({ searchParams }) => Number(searchParams.get("end")) <= now / 1_000 - 30) ?? [];
    expect(moved.map(({ pathname }) => pathname)).toContain("/api/search");
    expect(moved.every((url) => spanOf(url) >= 10)).toBe(true);
  });

  it("is never asked about the time to come, which it takes for the last 15 minutes", async () => {
    const reading = await read({
      window: { from: NOW + 1_000, to: NOW + 60_000 },
      answer: (url) => (url.pathname === "/api/search" ? "search-future-window" : answerEmpty(url)),
    });
    expect(reading).toMatchObject({ failed: [], slow: [] });
    expect(reading.notes).toContain("The time that is asked about has not come yet.");
  });

  it("says that clocks are apart", async () => {
    const date = new Date(Date.now() - 300_000).toUTCString();
    const reading = await read({
      answer: (url) => ({ ...answerEmpty(url), headers: { date } }),
    });
    expect(reading.notes.join(" ")).toMatch(/Tempo's clock is (?:29\d|30\d) s behind Watchkeeper's/);
  });

  it("does without a hint that releases before 2.8 do not know", async () => {
    const refused = { status: 400, type: "text/plain", body: "invalid TraceQL query: parse error: unexpected with" };
    const reading = await read({
      answer: (url) => (url.searchParams.get("q")?.includes("most_recent") ? refused : answerFound(url)),
    });
    expect(reading.failed.length).toBeGreaterThan(0);
  });
});

const spanOf = ({ searchParams }: URL): number => Number(searchParams.get("end")) - Number(searchParams.get("start"));

function answerEmpty(url: URL): Answer {
  const body = isMetrics(url) ? "{}" : '{"traces":[],"metrics":{}}';
  return { status: 200, type: "application/json", body };
}

const answerFound = (url: URL): string | Answer =>
  url.pathname === "/api/search" && url.searchParams.get("q")?.includes("status = error")
    ? "search-error"
    : answerEmpty(url);
