import { fastify } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { registerBrowserGuard } from "./browser-guard.ts";
import { ROUTES } from "./route-table.ts";
import { serveRoutes } from "./serve-routes.ts";

function guarded(publicNames?: readonly string[], externalUrl?: string) {
  const app = fastify();
  onTestFinished(() => app.close());
  registerBrowserGuard(app, { publicNames, externalUrl });
  app.get("/", (_, reply) => reply.send("read"));
  app.post("/", (_, reply) => reply.send("changed"));
  return async (method: "GET" | "POST", headers: Readonly<Record<string, string>>): Promise<number> =>
    (await app.inject({ method, url: "/", headers })).statusCode;
}

describe("a request of a browser", () => {
  it.each([
    ["GET", {}, 200],
    ["POST", {}, 200],
    ["GET", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }, 200],
    ["GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 200],
    ["GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, 200],
    ["GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }, 403],
    ["GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, 403],
    ["GET", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, 403],
    ["POST", { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, 200],
    ["POST", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 403],
    ["POST", { origin: "https://watch.example.org", host: "watch.example.org" }, 200],
    ["POST", { origin: "http://watch.example.org", host: "watch.example.org:80" }, 200],
    ["POST", { origin: "http://watch.example.org:8080", host: "watch.example.org" }, 403],
    ["POST", { origin: "null", host: "watch.example.org" }, 403],
    ["POST", { origin: "https://[::1]:9797", host: "[::1]:9797" }, 200],
  ] as const)("%s with %j is answered %i", async (method, headers, status) => {
    expect(await guarded()(method, headers)).toBe(status);
  });
});

it("follows no link of another site where the table of routes allows none", async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  registerBrowserGuard(app);
  serveRoutes(app, ROUTES.gate, { gate: () => "asked" });
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await app.inject({ url: "/api/v1/slos/shop/gate", headers: { host: "watch.lan", ...headers } })).statusCode;
  expect(await status({})).toBe(200);
  expect(await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe(403);
  expect(await status({ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).toBe(200);
  // without TLS browsers send no other header
  expect(await status({ origin: "http://evil.example.org" })).toBe(403);
  expect(await status({ origin: "http://watch.lan" })).toBe(200);
});

it("is taken from a page of the external URL where a proxy says another name, and from no other page", async () => {
  const ask = guarded(undefined, "http://watch.lan");
  expect(await ask("POST", { origin: "http://watch.lan", host: "127.0.0.1:9797" })).toBe(200);
  expect(await ask("POST", { origin: "http://other.lan", host: "127.0.0.1:9797" })).toBe(403);
});

describe("a name that a request is addressed to", () => {
  it.each([
    ["127.0.0.1:9797", 200],
    ["[::1]:9797", 200],
    ["192.0.2.7", 200],
    ["localhost", 200],
    ["nas", 200],
    ["nas.home.arpa", 200],
    ["localhost.", 200],
    ["nas.lan", 200],
    ["watch.example.org.", 200],
    ["nas.fritz.box", 421],
    ["Watch.Example.Org:9797", 200],
    ["watch.example.org.evil.example.com", 421],
    ["127.0.0.1.evil.example.com", 421],
    ["localhost.example.com", 421],
  ])("%s is answered %i when only some are known", async (host, status) => {
    expect(await guarded(["watch.example.org"])("GET", { host })).toBe(status);
    expect(await guarded()("GET", { host })).toBe(200);
  });
});
