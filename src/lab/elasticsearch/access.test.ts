import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

const API_KEY = Buffer.from("id:secret").toString("base64");
const login = { username: "reader", password: "a-password-of-tests" };
const basic = (password: string): string => `Basic ${Buffer.from(`reader:${password}`).toString("base64")}`;

test.each([
  ["no login", {}, 401, "missing authentication credentials for REST request [/_cluster/health]"],
  [
    "a wrong key",
    { authorization: "ApiKey eDp5" },
    401,
    "unable to authenticate with provided credentials and anonymous access is not allowed for this request",
  ],
  [
    "a wrong password",
    { authorization: basic("wrong") },
    401,
    "unable to authenticate user [reader] for REST request [/_cluster/health]",
  ],
])("%s is refused", async (_, headers, status, reason) => {
  const { ask } = await openLab({ apiKey: API_KEY, login });
  expect(await ask("GET", "/_cluster/health", undefined, headers as Record<string, string>)).toMatchObject({
    status,
    body: {
      error: {
        type: "security_exception",
        reason,
        root_cause: [{ header: { "WWW-Authenticate": expect.any(Array) as [] } }],
      },
    },
  });
});

test("the key and the login are taken, and without both nobody is asked", async () => {
  const { ask } = await openLab({ apiKey: API_KEY, login });
  expect((await ask("GET", "/", undefined, { authorization: `ApiKey ${API_KEY}` })).status).toBe(200);
  expect((await ask("GET", "/", undefined, { authorization: basic(login.password) })).status).toBe(200);
  const open = await openLab();
  expect((await open.ask("GET", "/")).status).toBe(200);
});

test("another product does not say that it is Elasticsearch", async () => {
  const { lab } = await openLab({ isAnotherProduct: true });
  expect((await fetch(lab.url)).headers.get("x-elastic-product")).toBeNull();
});

test("a client that speaks version 9 is refused", async () => {
  const { ask } = await openLab();
  const type = "application/vnd.elasticsearch+json; compatible-with=9";
  expect(await ask("GET", "/", undefined, { accept: type })).toMatchObject({
    status: 400,
    body: { error: { type: "media_type_header_exception" } },
  });
});
