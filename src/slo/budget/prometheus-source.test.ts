import { afterEach, describe, expect, it } from "vitest";
import { startHttp } from "../../lib/http/__fixtures__/servers.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { DAY, MIDNIGHT } from "./__fixtures__/histories.ts";
import { closePrometheus, newClient, pair, prometheusOf, type Series } from "./__fixtures__/prometheus.ts";
import { sumOf } from "./increments.ts";
import { prometheusSource } from "./prometheus-source.ts";

afterEach(closePrometheus);

const TWO_DAYS = { from: MIDNIGHT, to: MIDNIGHT + 2 * DAY };

describe("histories of a Prometheus", () => {
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
    const { source } = await prometheusOf(series);
    const some = await source.read([slo], TWO_DAYS, undefined, (labels) => labels["region"] === "south");
    expect(some.get(slo.id)?.map(({ group }) => group)).toEqual([{ region: "south" }]);
  });

  it("ask for nothing more once they failed, and let nobody wait who asks beside them", async () => {
    const server = await startHttp((_, response) => response.writeHead(422).end("{}"));
    const silent = await startHttp(() => undefined);
    const client = newClient();
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
    const client = newClient();
    const source = prometheusSource({ client, url: server.origin });
    await expect(source.read([httpSlo()], TWO_DAYS)).rejects.toThrow(`GET ${server.origin}/api/v1/query_range`);
  });
});
