import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { seconds } from "../../core/duration.ts";
import type { LabAnswer, LabRequest } from "../../lab/exchange.ts";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { prometheusSource, type PreviewSource } from "./source.ts";

let server: LabServer;
let source: PreviewSource;
let answer: LabAnswer;
let last: LabRequest | undefined;
const client = createHttpClient();
const signal = AbortSignal.timeout(10_000);

beforeAll(async () => {
  server = await startLabServer({
    handler: (request) => {
      last = request;
      return answer;
    },
  });
  source = prometheusSource({ client, url: server.url }, { timeout: seconds(15), series: 2, values: 3 });
});
beforeEach(() => (last = undefined));
afterAll(async () => {
  await client.close();
  await server.close();
});

const json = (body: object, status = 200): LabAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const matrix = (count: number, warnings?: readonly string[]) =>
  json({
    status: "success",
    warnings,
    data: {
      resultType: "matrix",
      result: Array.from({ length: count }, (_, i) => ({ metric: { i: String(i) }, values: [[10, "+Inf"]] })),
    },
  });

it("asks for no more than is shown and one more, within a time", async () => {
  answer = matrix(1);
  const { series, isCut } = await source.range("up", { from: 10, to: 40, step: 15 }, signal);
  expect(Object.fromEntries(last?.query ?? [])).toEqual({
    query: "up",
    start: "10",
    end: "40",
    step: "15",
    timeout: "15s",
    limit: "3",
  });
  expect(series).toEqual([{ labels: { i: "0" }, values: [[10, "+Inf"]] }]);
  expect(isCut).toBe(false);
});

it("cuts what is more, also from a server that knows no bound, and keeps other warnings", async () => {
  answer = matrix(5, ["results truncated due to limit", "PromQL info: look out"]);
  const { series, isCut, warnings } = await source.range("up", { from: 10, to: 40, step: 15 }, signal);
  expect([series.length, isCut, warnings]).toEqual([2, true, ["PromQL info: look out"]]);
});

it("reads vectors and scalars", async () => {
  answer = json({ data: { resultType: "vector", result: [{ metric: { a: "b" }, value: [5, "1"] }] } });
  expect((await source.instant("up", 5, signal)).series).toEqual([{ labels: { a: "b" }, values: [[5, "1"]] }]);
  answer = json({ data: { resultType: "scalar", result: [5, "2"] } });
  expect((await source.instant("2", 5, signal)).series).toEqual([{ labels: {}, values: [[5, "2"]] }]);
});

it("reads values of labels, sorted", async () => {
  answer = json({ data: ["c", "a", "b", "d"] });
  expect(await source.labelValues('up{a="b"}', "node", { from: 1, to: 2 }, signal)).toEqual(["a", "b", "c"]);
  expect(last?.path).toBe("/api/v1/label/node/values");
  expect(last?.query.get("match[]")).toBe('up{a="b"}');
});

it("gives the server's own words about what it refuses", async () => {
  answer = json({ status: "error", errorType: "bad_data", error: "parse error: unexpected end" }, 400);
  await expect(source.instant("(", 5, signal)).rejects.toMatchObject({ said: "parse error: unexpected end" });
});
