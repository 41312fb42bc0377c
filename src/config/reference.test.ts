import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fakeKinds } from "./__fixtures__/fake-kinds.ts";
import { configJsonSchema } from "./json-schema.ts";
import { configReference } from "./reference.ts";

describe("configReference", () => {
  it("is the page that was reviewed", async () => {
    const page = join(import.meta.dirname, "__fixtures__/reference.txt");
    await expect(configReference(fakeKinds)).toMatchFileSnapshot(page);
  });

  it("is the same each time", () => {
    expect(configReference(fakeKinds)).toBe(configReference(fakeKinds));
  });
});

describe("configJsonSchema", () => {
  const json = configJsonSchema(fakeKinds);
  const schema = z.fromJSONSchema(json);
  const target = {
    name: "a",
    nodes: [{ url: "https://a.example" }],
    auth: { method: "token", token: "x" },
  };
  const accepts = (change: Record<string, unknown>): boolean =>
    schema.safeParse({ targets: { safe: [{ ...target, ...change }] } }).success;

  it("has a name, and help for editors", () => {
    expect(json).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "urn:watchkeeper:configuration",
      title: "Configuration of Watchkeeper",
      properties: { log: { properties: { level: { default: "info", description: expect.any(String) } } } },
    });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });

  it.each<[string, Record<string, unknown>]>([
    ["the least", {}],
    ["a reference for a number", { pace: "${PACE}", concurrency: "${CONCURRENCY:-4}" }],
    ["a reference for true or false", { verify: "${VERIFY}" }],
    ["a reference in a text of a form", { every: "${N}s", nodes: [{ url: "https://${HOST}" }] }],
    ["a file for a secret", { auth: { method: "token", token_file: "token" } }],
  ])("accepts %s", (_name, change) => {
    expect(accepts(change)).toBe(true);
  });

  it.each<[string, Record<string, unknown>]>([
    ["an unknown key", { paces: 1 }],
    ["a text for a number", { pace: "fast" }],
    ["a number out of bounds", { pace: 1000 }],
    ["another form of a text", { every: "soon" }],
    ["two forms of a secret", { auth: { method: "token", token: "x", token_file: "y" } }],
    ["no form of a secret", { auth: { method: "token" } }],
  ])("refuses %s", (_name, change) => {
    expect(accepts(change)).toBe(false);
  });

  it("knows the alerts, and what each takes", () => {
    const rule = (rules: Record<string, unknown>): boolean => schema.safeParse({ rules }).success;
    expect(json).toMatchObject({
      properties: {
        rules: {
          properties: {
            ShelfOld: { description: "As shipped: warning, for 5m; threshold 30d: age of the shelf." },
            ShelfGone: { description: "As shipped: critical, for 5m." },
          },
        },
      },
    });
    expect(rule({ ShelfFilling: { threshold: 0.9, for: "${LASTS}" }, ShelfOld: { threshold: "7d" } })).toBe(true);
    expect(rule({ ShelfFilling: { threshold: 90 } })).toBe(false);
    expect(rule({ ShelfFilling: { threshold: "7d" } })).toBe(false);
    expect(rule({ ShelfOld: { threshold: 30 } })).toBe(false);
    expect(rule({ ShelfGone: { threshold: 1 } })).toBe(false);
    expect(rule({ ShelfLost: { enabled: false } })).toBe(false);
  });

  const route = (change: Record<string, unknown>): boolean =>
    schema.safeParse({
      alerting: {
        sources: [{ name: "prod" }],
        destinations: [{ type: "hook", name: "ops", url: "https://hook.example" }],
        route: { destinations: ["ops"], routes: [{ matchers: ["a=b"], routes: [change] }] },
        time_intervals: [
          { name: "nights", time_intervals: [{ times: [{ start_time: "22:00", end_time: "${END}" }] }] },
        ],
      },
    }).success;

  it("knows routes at any depth", () => {
    expect(json.$defs).toMatchObject({ route: { properties: { routes: { $ref: "#/$defs/routes" } } } });
    expect(route({ destinations: ["ops"], routes: [{ continue: true }] })).toBe(true);
    expect(route({ destinations: "ops" })).toBe(false);
    expect(route({ routes: [{ receiver: "ops" }] })).toBe(false);
  });
});
