import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printMatcher } from "../core/label-matcher.ts";
import type { Route } from "../core/routing.ts";
import { fakeKinds } from "./__fixtures__/fake-kinds.ts";
import { renderEffective } from "./effective.ts";
import { loadConfig } from "./load.ts";
import type { Config } from "./schema.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchkeeper-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string, env: Record<string, string> = {}): Promise<Config> {
  const file = join(folder, "watchkeeper.yaml");
  await writeFile(file, text);
  return loadConfig({ file, ...fakeKinds, env });
}

async function alertingOf(text: string) {
  const { alerting } = await load(text);
  if (alerting === undefined) throw new Error("there is no section alerting");
  return alerting;
}

/** The least that the section needs; `more` stands beside its keys. */
const least = (more = "", route = "{ destinations: [ops] }"): string => `
alerting:
  sources: [{ name: prod }]
  destinations:
    - { type: hook, name: ops, url: "https://hook.example" }
    - { type: chat, name: team, key: hunter2, room: ops, rate: 30, give_up_after: 2h }
  route: ${route}
${more}`;

describe("the section alerting", () => {
  it("is not there unless it is written", async () => {
    expect((await load("log: {}")).alerting).toBeUndefined();
  });

  it("has its defaults", async () => {
    expect(await alertingOf(least())).toMatchObject({
      sources: [{ name: "prod", credentials: [], alertmanager: undefined, watchdog: undefined }],
      timeIntervals: [],
      storm: { newPerMinute: 30 },
      fallback: [],
      deadMan: undefined,
      retention: { groups: 30 * 86_400_000, journal: 7 * 86_400_000 },
    });
  });

  it("has destinations of every kind, with the kind's policy and what overrides it", async () => {
    const [hook, chat] = (await alertingOf(least())).destinations;
    expect(hook).toMatchObject({
      name: "ops",
      type: "hook",
      policy: { rate: { perSecond: 1 }, giveUpAfter: 3_600_000 },
    });
    expect(chat).toMatchObject({
      name: "team",
      type: "chat",
      policy: { rate: { perSecond: 0.5 }, giveUpAfter: 7_200_000 },
    });
  });

  it("reads sources with all that they may have", async () => {
    await writeFile(join(folder, "password"), "hunter3");
    const { sources } = await alertingOf(`
alerting:
  sources:
    - name: prod
      credentials:
        - { type: basic, username: am, password_file: password }
        - { type: hmac, secret: hunter2, timestamp_header: X-Time }
      alertmanager:
        urls: ["http://am-1.example:9093/", "http://am-2.example:9093"]
        login: { type: bearer, token: hunter2 }
      watchdog: {}
    - { name: other, watchdog: { matchers: ['alertname="DeadMan"', 'cluster=~"a|b"'], every: 1m, misses: 5 } }
  destinations: [{ type: hook, name: ops, url: "https://hook.example" }]
  route: { destinations: [ops] }
`);
    const [prod, other] = sources;
    expect(prod?.credentials).toMatchObject([
      { type: "basic", username: "am", password: { value: undefined, file: join(folder, "password") } },
      { type: "hmac", header: "x-grafana-alerting-signature", timestampHeader: "x-time" },
    ]);
    expect(prod?.credentials[1]?.type === "hmac" && prod.credentials[1].secret.value?.reveal()).toBe("hunter2");
    expect(prod?.alertmanager).toMatchObject({
      urls: ["http://am-1.example:9093", "http://am-2.example:9093"],
      every: 60_000,
      caFile: undefined,
      login: { type: "bearer" },
    });
    expect(prod?.watchdog).toMatchObject({ every: 300_000, misses: 3 });
    expect(prod?.watchdog?.matchers.map(printMatcher)).toEqual(['alertname="Watchdog"']);
    expect(other?.watchdog?.matchers.map(printMatcher)).toEqual(['alertname="DeadMan"', 'cluster=~"a|b"']);
  });

  it("reads time intervals in Alertmanager's form", async () => {
    const { timeIntervals } = await alertingOf(
      least(`
  time_intervals:
    - name: out of hours
      time_intervals:
        - times: [{ start_time: "17:30", end_time: "24:00" }]
          weekdays: ["Monday:friday", sunday]
          days_of_month: ["1:5", "-3:-1", "31"]
          months: ["january:march", "06", "11:december"]
          years: ["2026:2027"]
          location: Europe/Berlin
        - {}
`),
    );
    expect(timeIntervals).toEqual([
      {
        name: "out of hours",
        ranges: [
          {
            times: [{ start: 1_050, end: 1_440 }],
            weekdays: [
              { start: 1, end: 5 },
              { start: 0, end: 0 },
            ],
            daysOfMonth: [
              { start: 1, end: 5 },
              { start: -3, end: -1 },
              { start: 31, end: 31 },
            ],
            months: [
              { start: 1, end: 3 },
              { start: 6, end: 6 },
              { start: 11, end: 12 },
            ],
            years: [{ start: 2026, end: 2027 }],
            location: "Europe/Berlin",
          },
          { location: "UTC", daysOfMonth: undefined },
        ],
      },
    ]);
  });

  it("holds no secret in any rendering", async () => {
    const config = await load(
      least(`  dead_man: { url: "https://hc.example/hunter2" }
store: { postgres: { url: "postgres://me:hunter2@db.example/wk" } }
tracing: { endpoint: "http://tempo.example:4318", headers: [{ name: authorization, value: hunter2 }] }
`),
    );
    expect(config.alerting?.deadMan?.url.value?.reveal()).toBe("https://hc.example/hunter2");
    expect(JSON.stringify(config) + inspect(config, { depth: 20 }) + renderEffective(config)).not.toContain("hunter2");
  });
});

describe("the routes", () => {
  const outline = ({ id, destinations, groupBy, muteTimeIntervals, activeTimeIntervals, routes }: Route): unknown[] => [
    [id, destinations.join(), groupBy?.join(), muteTimeIntervals.join(), activeTimeIntervals.join()],
    ...routes.flatMap(outline),
  ];

  it("take over destinations and grouping from above, but no intervals, and have ids of their matchers", async () => {
    const { route } = await alertingOf(
      least(
        "  time_intervals: [{ name: nights, time_intervals: [{}] }, { name: days, time_intervals: [{}] }]",
        `
    destinations: [ops]
    mute_time_intervals: [nights]
    routes:
      - matchers: ['team="db"', "severity=critical"]
        group_by: [cluster, alertname]
        active_time_intervals: [days]
        routes:
          - destinations: [team, ops]
          - group_by: []
      - matchers: ['{severity="critical",team="db"}']
        continue: true
      - matchers: ['"app name"=~"a|b"']`,
      ),
    );
    expect(outline(route)).toEqual([
      ["{}", "ops", undefined, "nights", ""],
      ['{}/{severity="critical",team="db"}', "ops", "cluster,alertname", "", "days"],
      ['{}/{severity="critical",team="db"}/{}', "team,ops", "cluster,alertname", "", ""],
      ['{}/{severity="critical",team="db"}/{}+2', "ops", "", "", ""],
      ['{}/{severity="critical",team="db"}+2', "ops", undefined, "", ""],
      ['{}/{"app name"=~"a|b"}', "ops", undefined, "", ""],
    ]);
    expect(route.routes.map((child) => child.continue)).toEqual([false, true, false]);
  });
});

describe("sources without credentials", () => {
  it.each(["127.0.0.1:0", "127.8.8.8:0", "[::1]:0", "[0:0::1]:0", "localhost:0", "LocalHost:0"])(
    "are taken on %s",
    async (listen) => {
      await expect(load(`server: { listen: "${listen}" }\n${least()}`)).resolves.toBeDefined();
    },
  );

  it.each([
    ":0",
    "0.0.0.0:0",
    "[::]:0",
    "10.0.0.1:0",
    "128.0.0.1:0",
    "watch.example:0",
    "[fd00::1]:0",
    "127.example:0",
  ])("are a fault on %s, also when the environment says so", async (listen) => {
    const message = /alerting\.sources\.0: needs credentials/;
    await expect(load(`server: { listen: "${listen}" }\n${least()}`)).rejects.toThrow(message);
    await expect(load(least(), { WATCHKEEPER_SERVER_LISTEN: listen })).rejects.toThrow(message);
  });
});

describe("the store", () => {
  it.each([
    ["log: {}", "watchkeeper.db"],
    ["store: {}", "watchkeeper.db"],
    ["store: { sqlite: {} }", "watchkeeper.db"],
    ["store: { sqlite: { path: data/alerts.db } }", "data/alerts.db"],
  ])("of %j is a file beside the configuration", async (text, path) => {
    const config = await load(text);
    expect(config.store).toEqual({ type: "sqlite", path: join(folder, path) });
    expect(renderEffective(config)).toContain(`path: ${join(folder, path)}\n`);
  });

  it("may be PostgreSQL, also from the environment alone", async () => {
    const { store } = await load("log: {}", {
      WATCHKEEPER_STORE_POSTGRES_URL: "postgresql://me:hunter2@db.example/wk",
    });
    expect(store.type === "postgres" && store.url.value?.reveal()).toBe("postgresql://me:hunter2@db.example/wk");
  });
});

it("sends traces only when it is told where", async () => {
  expect((await load("log: {}")).tracing).toBeUndefined();
  expect((await load('tracing: { endpoint: "http://tempo.example:4318/" }')).tracing).toEqual({
    endpoint: "http://tempo.example:4318",
    headers: [],
    sampleRatio: 1,
    serviceName: "watchkeeper",
  });
});
