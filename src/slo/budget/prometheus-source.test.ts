import { afterEach, describe, expect, it } from "vitest";
import { days, minutes } from "../../core/duration.ts";
import { createHttpClient, type HttpClient } from "../../lib/http/client.ts";
import { closeServers, startHttp } from "../../lib/http/__fixtures__/servers.ts";
import { ERRORS, TOTAL } from "../conventions.ts";
import type { Slo } from "../model.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { DAY, HOUR, MIDNIGHT } from "./__fixtures__/histories.ts";
import { exclusionsSchema } from "./exclusions.ts";
import { sumOf } from "./increments.ts";
import { prometheusSource } from "./prometheus-source.ts";
import { readBudgets } from "./read.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await closeServers();
});

/** What was asked for: hours after midnight, and the selector. */
interface Asked {
  readonly from: number;
  readonly to: number;
  readonly query: string;
}
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: (at: number) => number | string | undefined;
}

/** A Prometheus that knows series, and a clock that can be set. */
async function prometheusOf(series: readonly Series[], extra: Readonly<Record<string, unknown>> = {}) {
  const asked: Asked[] = [];
  const server = await startHttp((request, response) => {
    const search = new URL(request.url ?? "", "http://localhost").searchParams;
    const [start, end, step] = ["start", "end", "step"].map((name) => Number(search.get(name)));
    if (start === undefined || end === undefined || step === undefined) throw new Error("not a range");
    asked.push({
      from: (start - step - MIDNIGHT) / HOUR,
      to: (end - MIDNIGHT) / HOUR,
      query: search.get("query") ?? "",
    });
    const result = series.map(({ labels, value }) => {
      const values: [number, string][] = [];
      for (let at = start; at <= end; at += step) {
        const found = value(at);
        if (found !== undefined) values.push([at, String(found)]);
      }
      return { metric: labels, values };
    });
    response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result }, ...extra }));
  });
  const client = createHttpClient();
  clients.push(client);
  const clock = { now: MIDNIGHT + 2 * DAY };
  const source = prometheusSource({ client, url: server.origin }, () => clock.now * 1_000);
  return { source, asked, clock };
}

const pair = (labels: Readonly<Record<string, string>>, total: Series["value"], errors: Series["value"]): Series[] => [
  { labels: { __name__: TOTAL, slo_id: "shop-requests", ...labels }, value: total },
  { labels: { __name__: ERRORS, slo_id: "shop-requests", ...labels }, value: errors },
];
const TWO_DAYS = { from: MIDNIGHT, to: MIDNIGHT + 2 * DAY };

describe("histories of a Prometheus", () => {
  it("are asked for by days, later only what is new", async () => {
    const { source, asked, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 1,
      ),
    );
    const read = async (to: number) => {
      const histories = await source.read([httpSlo()], { from: to - DAY, to });
      const [of] = histories.get("shop-requests") ?? [];
      return of === undefined ? undefined : sumOf(of.history, { from: to - DAY, to });
    };
    const query = `{__name__=~"${TOTAL}|${ERRORS}",slo_id=~"shop-requests"}`;
    expect(await read(clock.now - HOUR)).toMatchObject({ total: 2_880, errors: 288, measured: 288 });
    expect(asked.splice(0)).toEqual([
      { from: 0, to: 24, query },
      { from: 24, to: 47, query },
    ]);
    // what is younger than 10 minutes is asked for again
    clock.now += HOUR;
    expect(await read(clock.now)).toMatchObject({ total: 2_880, measured: 288 });
    expect(asked.splice(0).map(({ from, to }) => [from, to])).toEqual([
      [47, 48],
      [48, 49],
    ]);
    clock.now += 300;
    await read(clock.now);
    expect(asked.splice(0).map(({ from, to }) => [from * 12, to * 12])).toEqual([[49 * 12 - 2, 49 * 12 + 1]]);
    // the past may have been filled in
    clock.now += 7 * HOUR;
    await read(MIDNIGHT + DAY);
    expect(asked.map(({ from, to }) => [from, to])).toEqual([[0, 24]]);
  });

  it("know gaps: NaN, infinities and a pair of which one is missing are not measured", async () => {
    const odd = (at: number): string | number | undefined =>
      ["NaN", "+Inf", "-1", undefined, 5][Math.round((at - MIDNIGHT) / 300) % 5];
    const { source } = await prometheusOf(pair({}, () => 10, odd));
    const [of] = (await source.read([httpSlo()], TWO_DAYS)).get("shop-requests") ?? [];
    expect(of === undefined ? undefined : sumOf(of.history, TWO_DAYS)).toMatchObject({
      measured: 115,
      total: 1_150,
      errors: 575,
    });
  });

  it("are one for each group, whatever the order and other labels of the series", async () => {
    const series = [
      ...pair(
        { region: "north", prometheus: "b" },
        (at) => (at > MIDNIGHT + DAY ? 10 : undefined),
        () => 1,
      ),
      ...pair(
        { region: "north", prometheus: "a" },
        () => 8,
        () => 0,
      ),
      ...pair(
        { region: "south" },
        () => 2,
        () => 2,
      ),
      ...pair(
        { region: "gone" },
        () => undefined,
        () => undefined,
      ),
    ];
    const slo = httpSlo({ groupBy: ["region"] });
    const read = async (order: readonly Series[]) => {
      const { source } = await prometheusOf(order);
      const groups = (await source.read([slo], TWO_DAYS)).get(slo.id) ?? [];
      return groups.map(({ group, history }) => ({ group, ...sumOf(history, TWO_DAYS) }));
    };
    const found = await read(series);
    expect(found).toEqual([
      { group: { region: "north" }, total: 288 * 18, errors: 288, measured: 576, slices: 576 },
      { group: { region: "south" }, total: 1_152, errors: 1_152, measured: 576, slices: 576 },
    ]);
    expect(await read(series.toReversed())).toEqual(found);
  });

  it("are whole though another reading forgets old days meanwhile", async () => {
    const { source, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 1,
      ),
    );
    await source.read([httpSlo()], TWO_DAYS);
    clock.now += 6 * HOUR - 1;
    const span = { from: MIDNIGHT, to: clock.now };
    const first = source.read([httpSlo()], span);
    clock.now += 2;
    const second = source.read([httpSlo()], span);
    for (const reading of await Promise.all([first, second])) {
      const [of] = reading.get("shop-requests") ?? [];
      expect(of === undefined ? undefined : sumOf(of.history, span).measured).toBe(576 + 71);
    }
  });

  it("are asked for again when an answer was known to be incomplete", async () => {
    const { source, asked } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 1,
      ),
      { warnings: ["store is down"] },
    );
    await source.read([httpSlo()], TWO_DAYS);
    await source.read([httpSlo()], TWO_DAYS);
    expect(asked).toHaveLength(4);
  });

  it("of many SLOs are asked for together, and one that is not measured has an unknown budget", async () => {
    const { source, asked, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 0,
      ),
    );
    const slos = [httpSlo(), ...Array.from({ length: 24 }, (_, i) => httpSlo({ id: `other-${i}` }))];
    const budgets = await readBudgets(slos, { source, at: clock.now });
    expect(asked.filter(({ to }) => to === 48)).toHaveLength(2);
    expect(budgets.get("shop-requests")).toMatchObject([{ left: 1, group: {} }]);
    expect(budgets.get("other-3")).toMatchObject([{ left: undefined, coverage: 0, group: {} }]);
  });

  it("know the maintenance that is still to come, whatever windows begin at the same time", async () => {
    const { source, clock } = await prometheusOf(
      pair(
        {},
        () => 1,
        () => 0.1,
      ),
    );
    const calendar = httpSlo({
      objective: 0.9,
      window: { kind: "calendar", unit: "month", timeZone: "UTC" },
      timeslices: { length: minutes(5), objective: 0.9 },
    });
    const exclusions = exclusionsSchema.parse([
      { from: "2026-11-10T00:00:00Z", to: "2026-11-30T00:00:00Z", reason: "moving" },
    ]);
    // both need the three days of the slowest tier
    clock.now = MIDNIGHT + DAY;
    const leftOf = async (...slos: readonly Slo[]) =>
      (await readBudgets(slos, { source, at: clock.now, exclusions })).get(calendar.id)?.[0]?.left;
    const rolling = httpSlo({ id: "other", window: { kind: "rolling", length: days(3) } });
    expect(await leftOf(rolling, calendar)).toBe(await leftOf(calendar));
  });

  it("ask for nothing more once they failed, and let nobody wait who asks beside them", async () => {
    const server = await startHttp((_, response) => response.writeHead(422).end("{}"));
    const silent = await startHttp(() => undefined);
    const client = createHttpClient();
    clients.push(client);
    const month = { from: MIDNIGHT - 30 * DAY, to: MIDNIGHT };
    await expect(prometheusSource({ client, url: server.origin }).read([httpSlo()], month)).rejects.toThrow("422");
    const hanging = prometheusSource({ client, url: silent.origin });
    const stopped = new AbortController();
    const first = hanging.read([httpSlo()], month, stopped.signal);
    await expect(hanging.read([httpSlo({ id: "other" })], month, AbortSignal.timeout(100))).rejects.toThrow(
      silent.origin,
    );
    stopped.abort();
    await expect(first).rejects.toThrow("abort");
    expect([server.requests.length, silent.requests.length].every((count) => count <= 8)).toBe(true);
  });

  it("are an error that says where when the answer is none", async () => {
    const server = await startHttp((_, response) =>
      response.end('{"status":"success","data":{"resultType":"vector"}}'),
    );
    const client = createHttpClient();
    clients.push(client);
    const source = prometheusSource({ client, url: server.origin });
    await expect(source.read([httpSlo()], TWO_DAYS)).rejects.toThrow(`GET ${server.origin}/api/v1/query_range`);
  });
});
