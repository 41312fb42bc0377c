import { afterAll, beforeAll, expect, it } from "vitest";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { createHttpClient } from "../http/client.ts";
import { queryRange } from "./query-range.ts";

let server: LabServer;
let values: readonly unknown[] = [];
const client = createHttpClient();

beforeAll(async () => {
  const data = () => ({ resultType: "matrix", result: [{ metric: {}, values }] });
  server = await startLabServer({ handler: () => ({ status: 200, body: JSON.stringify({ data: data() }) }) });
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const ask = (given: readonly unknown[]) => {
  values = given;
  return queryRange({ client, url: server.url }, "up", { from: 600, to: 1_200 }, { step: 300 });
};

it("takes samples of the range, moved by less than a step at most", async () => {
  const { series } = await ask([
    [650, "1"],
    [950, "NaN"],
    [1_250, "3"],
  ]);
  expect(series[0]?.values.map(([at]) => at)).toEqual([650, 950, 1_250]);
});

it.each([[-1], [599], [1_501], [1_200 + 3_600]])("refuses an answer with a sample of another time: %d", async (at) => {
  await expect(ask([[at, "1"]])).rejects.toMatchObject({
    reason: "unexpected_shape",
    message: expect.stringContaining("a time that was not asked for") as string,
  });
});
