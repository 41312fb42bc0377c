import { expect, it } from "vitest";
import { trueNasCollector } from "./collector.ts";
import { trueNasConfig } from "./config.ts";

const BASE = { name: "nas", url: "https://nas.example.org", api_key: "hunter2" };

it("polls all parts at once unless told otherwise, so that none waits for one that hangs", () => {
  expect(trueNasConfig.parse(BASE).concurrency).toBeGreaterThanOrEqual(trueNasCollector.parts.length);
  expect(trueNasConfig.parse({ ...BASE, concurrency: 2 }).concurrency).toBe(2);
});

it.each([
  ["https://nas.example.org", "https://nas.example.org"],
  ["https://nas.example.org/", "https://nas.example.org"],
  ["wss://nas.example.org:8443", "https://nas.example.org:8443"],
  ["WSS://nas.example.org", "https://nas.example.org"],
  ["https://[fd00::1]", "https://[fd00::1]"],
])("reads the URL %s", (url, expected) => {
  expect(trueNasConfig.parse({ ...BASE, url }).url).toBe(expected);
});

it.each([
  ["http://nas", "revokes an API key at once"],
  ["ws://nas/websocket", "revokes an API key at once"],
  ["WS://nas", "revokes an API key at once"],
  ["nas.example.org", "write a URL that starts with https:// or wss://"],
  ["https://", "write a URL that starts with https:// or wss://"],
  ["https://root:hunter2@nas", "must not hold a user name or password"],
  ["https://nas/ui", "without a path"],
  ["https://nas/?a=1", "without a path"],
])("refuses the URL %s", (url, hint) => {
  const message = trueNasConfig.safeParse({ ...BASE, url }).error?.message;
  expect(message).toContain(hint);
  expect(message).not.toContain("hunter2");
});

it.each([
  ["no key", { api_key: undefined }],
  ["a key twice", { api_key_file: "key" }],
  ["an empty user name", { username: "" }],
])("refuses %s", (_, wrong) => {
  expect(trueNasConfig.safeParse({ ...BASE, ...wrong }).success).toBe(false);
});
