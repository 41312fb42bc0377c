import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CollectError } from "../../core/errors.ts";
import { createHttpClient } from "./client.ts";
import { nameStrangers, type ServerKind } from "./who-answers.ts";

const HTML = "<!doctype html><title>UI</title>";
type Bodies = Readonly<Record<string, object>>;

interface Failing {
  readonly wanted?: ServerKind;
  readonly error?: Error;
  readonly times?: number;
}

let server: Server | undefined;
let asked: string[] = [];
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Fails as the work did at a server that answers so, with its page for all other paths. */
async function failAt(
  bodies: Bodies,
  { wanted = "Tempo", error = new CollectError("invalid_response", "HTML instead of JSON"), times = 1 }: Failing = {},
): Promise<unknown> {
  asked = [];
  server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const body = bodies[url];
    response.end(body === undefined ? HTML : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient();
  const { naming } = nameStrangers(wanted, [{ client, url: `http://127.0.0.1:${port}` }]);
  let thrown: unknown;
  for (let time = 0; time < times; time += 1)
    thrown = await naming(() => Promise.reject(error), AbortSignal.timeout(5_000)).catch((one: unknown) => one);
  await client.close();
  return thrown;
}

describe("another server than the wanted one", () => {
  it.each<[string, Bodies]>([
    ["Jaeger", { "/api/services": { data: [], total: 0, limit: 0, offset: 0, errors: null } }],
    ["Grafana 13.0.1", { "/api/health": { database: "ok", version: "13.0.1", commit: "a" } }],
    ["OpenSearch 3.1.0", { "/": { version: { distribution: "opensearch", number: "3.1.0" } } }],
    ["Prometheus", { "/api/v1/status/buildinfo": { status: "success", data: { version: "<b>x</b>" } } }],
  ])("is named: %s", async (name, bodies) => {
    const error = await failAt(bodies);
    expect(error).toMatchObject({ reason: "not_found" });
    expect(String(error)).toMatch(new RegExp(`this is no Tempo: it answered as ${name} \\(HTML instead of JSON\\)$`));
  });

  it("is looked for once in a while, not at each failure", async () => {
    await failAt({}, { times: 3 });
    expect(asked).toHaveLength(new Set(asked).size);
  });

  it.each<[string, Bodies, Failing]>([
    ["the wanted one answers", { "/api/services": { data: [], total: 0, errors: null } }, { wanted: "Jaeger" }],
    [
      "the wanted one answers beside another behind one gateway",
      {
        "/api/v1/status/buildinfo": { status: "success", data: { version: "3.5.0" } },
        "/api/status/buildinfo": { version: "2.8.1", revision: "abc", goVersion: "go1.24" },
      },
      {},
    ],
    ["nobody is known by it", { "/": { name: "something" } }, {}],
  ])("is not claimed where %s", async (_, bodies, of) => {
    expect(await failAt(bodies, of)).toMatchObject({ reason: "invalid_response" });
  });

  it.each([new CollectError("timeout", "no answer"), new TypeError("a bug")])(
    "is not looked for after %s",
    async (error) => {
      expect(await failAt({}, { error })).toBe(error);
      expect(asked).toEqual([]);
    },
  );
});
