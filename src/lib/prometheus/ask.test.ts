import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { createHttpClient } from "../http/client.ts";
import { askPrometheus } from "./ask.ts";

let server: LabServer;
const client = createHttpClient();

beforeAll(async () => {
  server = await startLabServer({ handler: () => ({ status: 200, body: '{"data":1}' }) });
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const ask = (path: string, search: URLSearchParams) =>
  askPrometheus(
    { client, url: server.url, headers: { "x-scope-orgid": "a" } },
    { path, search },
    z.object({ data: z.number() }),
  );
const long = new URLSearchParams({ query: "x".repeat(5_000) });

it.each([
  ["query", new URLSearchParams({ query: "up" }), "GET"],
  ["query", long, "POST"],
  ["series", long, "POST"],
  // these take no form
  ["label/job/values", long, "GET"],
  ["metadata", new URLSearchParams(), "GET"],
])("asks %s by the method that it takes", async (path, search, method) => {
  expect(await ask(path, search)).toEqual({ data: 1 });
  const request = server.requests.at(-1);
  expect(request).toMatchObject({ method, path: `/api/v1/${path}`, headers: { "x-scope-orgid": "a" } });
  expect(method === "POST" ? request?.body : request?.query.toString()).toBe(search.toString());
});

it("says where an answer came from that has another shape", async () => {
  const target = { client, url: server.url };
  const asked = askPrometheus(target, { path: "query", search: long }, z.object({ data: z.string() }));
  await expect(asked).rejects.toThrow(`POST ${server.url}/api/v1/query: data is not of type string`);
});
