import { afterEach, describe, expect, it } from "vitest";
import { minutes } from "../../core/duration.ts";
import { createHttpClient, type HttpClient } from "../../lib/http/client.ts";
import { closeServers, startHttp } from "../../lib/http/__fixtures__/servers.ts";
import { DAY, MIDNIGHT, within } from "../budget/__fixtures__/histories.ts";
import { exclusionsSchema } from "../budget/exclusions.ts";
import type { Slo } from "../model.ts";
import { httpSlo, promql } from "../rules/__fixtures__/slos.ts";
import { backtestSlo, type BacktestOptions } from "./backtest.ts";
import { printBacktest } from "./text.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await closeServers();
});

type Answer = (query: string, at: number) => number | undefined;

/** A Prometheus by which a query has one value at a time; with the labels of a group where it groups. */
async function targetOf(answer: Answer, labels: Readonly<Record<string, string>> = {}) {
  const server = await startHttp((request, response) => {
    const search = new URL(request.url ?? "", "http://localhost").searchParams;
    const [start = 0, end = 0, step = 60] = ["start", "end", "step"].map((name) => Number(search.get(name)));
    const values: [number, string][] = [];
    for (let at = start; at <= end; at += step) {
      const value = answer(search.get("query") ?? "", at);
      if (value !== undefined) values.push([at, String(value)]);
    }
    const result = values.length === 0 ? [] : [{ metric: labels, values }];
    response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
  });
  const client = createHttpClient();
  clients.push(client);
  return { target: { client, url: server.origin }, requests: server.requests };
}

const FROM = MIDNIGHT + 4 * DAY;
const SPAN = { from: FROM, to: FROM + 2 * DAY };
const OUTAGE = { from: FROM + DAY, to: FROM + DAY + 600 };

/** 20 events in a minute, all of which fail for 10 minutes. */
const traffic: Answer = (query, at) => {
  if (!query.includes("5..")) return 20;
  return Math.max(0, Math.min(at, OUTAGE.to) - Math.max(at - 60, OUTAGE.from)) / 3;
};

const testOf = async (slo: Slo, answer: Answer, more: Partial<BacktestOptions> = {}) => {
  const { target, requests } = await targetOf(answer);
  return { tests: await backtestSlo(slo, { target, span: SPAN, slos: [slo], ...more }), requests };
};

describe("a backtest", () => {
  it("says from raw queries when the alerts would have fired and what of the budget is left", async () => {
    const { tests, requests } = await testOf(httpSlo(), traffic);
    const [test] = tests;
    expect(tests).toHaveLength(1);
    expect(test).toMatchObject({ sloId: "shop-requests", events: 57_600, coverage: 1 });
    expect(test?.left).toBeCloseTo(1 - 200 / 57_600 / 0.001, 6);
    expect(test?.pages).toHaveLength(1);
    expect((test?.pages[0]?.from ?? 0) - OUTAGE.from).toBe(60);
    expect(test?.tickets).toMatchObject([{ inhibited: true }]);
    // the span, and three days before it for the longest window
    expect(requests).toHaveLength(10);
  });

  it("tells what another objective would have done", async () => {
    const { tests } = await testOf(httpSlo(), traffic, { objectives: [0.999, 0.9] });
    expect(tests.map(({ objective, pages }) => [objective, pages.length])).toEqual([
      [0.999, 1],
      [0.9, 0],
    ]);
    expect(tests[1]?.left).toBeCloseTo(1 - 200 / 57_600 / 0.1, 6);
  });

  it("leaves maintenance out of the budget, and a page in it all the same", async () => {
    const iso = (at: number): string => new Date(at * 1_000).toISOString();
    const exclusions = exclusionsSchema.parse([{ from: iso(OUTAGE.from), to: iso(OUTAGE.to), reason: "moved" }]);
    const { tests } = await testOf(httpSlo(), traffic, { exclusions });
    expect(tests[0]).toMatchObject({ left: 1, coverage: 1 });
    expect(tests[0]?.pages).toHaveLength(1);
  });

  it("of time slices judges slices, and takes its minimum from events", async () => {
    const slo = httpSlo({ objective: 0.99, timeslices: { length: minutes(10), objective: 0.95 } });
    const [test] = (await testOf(slo, traffic)).tests;
    // a slice of 10 minutes ends every 5, and three of them have a part of the outage
    expect(test).toMatchObject({ events: 576, errors: 3 });
  });

  it("of a ratio counts time", async () => {
    const slo = httpSlo({ objective: 0.99, sli: { kind: "ratio", errorRatio: promql("bad:ratio[$window]") } });
    const [test] = (
      await testOf(slo, (query, at) => (/\+ 1/.test(query) ? 1 : within(at, OUTAGE.from, OUTAGE.to) ? 1 : 0))
    ).tests;
    expect(test).toMatchObject({ events: 576, errors: 2 });
  });

  it("of a composite takes its members together, one of which may not be measured", async () => {
    const dead = httpSlo({ id: "dead", sli: { kind: "events", total: promql("gone"), errors: promql("gone") } });
    const members = ["shop-requests", "dead"].map((sloId) => ({ sloId, weight: 1 }));
    const both = httpSlo({ id: "both", sli: { kind: "composite", method: "worst", members } });
    const answer: Answer = (query, at) => (query.includes("gone") ? undefined : traffic(query, at));
    const { tests } = await testOf(both, answer, { slos: [httpSlo(), dead, both] });
    expect(tests[0]).toMatchObject({ sloId: "both", events: 576, errors: 2 });
    await expect(testOf(both, answer, { slos: [both] })).rejects.toThrow("both is made of shop-requests");
  });

  it("has nothing to say of what was not measured", async () => {
    expect((await testOf(httpSlo(), () => undefined)).tests).toEqual([]);
  });

  it("reads well", async () => {
    const { tests } = await testOf(httpSlo(), traffic, { objectives: [0.995] });
    expect(tests.map(printBacktest).join("\n"))
      .toBe(`shop-requests at 99.5 %, 2026-11-05 00:00 UTC to 2026-11-07 00:00 UTC
  budget: 31 % left, as if the window were these 2 d; 0.35 % failed
  1 page, 0 tickets
  page    2026-11-06 00:05 UTC for 40 min, by 1h and 5m, at most 33.3 times too fast`);
  });
});
