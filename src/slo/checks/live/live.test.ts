import { describe, expect, it } from "vitest";
import { CollectError } from "../../../core/errors.ts";
import type { HttpClient } from "../../../lib/http/client.ts";
import type { Slo } from "../../model.ts";
import { httpSlo, promql } from "../../rules/__fixtures__/slos.ts";
import { checkLive } from "./index.ts";
import { sloSizes } from "./sizes.ts";

/** A server that answers a query with a number by the first pattern that it matches; nothing when there is none. */
function server(answers: readonly (readonly [RegExp, number])[]) {
  const asked: string[] = [];
  const client: HttpClient = {
    request: () => Promise.reject(new Error("not asked")),
    requestBytes: () => Promise.reject(new Error("not asked")),
    requestJson: ({ url }) => {
      const query = new URL(String(url)).searchParams.get("query") ?? "";
      asked.push(query);
      const value = answers.find(([pattern]) => pattern.test(query))?.[1];
      const result = value === undefined ? [] : [{ metric: {}, value: [0, String(value)] }];
      const now = new Date();
      const body = { status: "success", data: { resultType: "vector", result } };
      return Promise.resolve({ status: 200, headers: {}, text: "", sentAt: now, receivedAt: now, durationMs: 0, body });
    },
    close: () => Promise.resolve(),
  };
  return { asked, target: { client, url: "http://prometheus.example" } };
}

const PRESENT = [/^count\(last_over_time/, 3] as const;
const look = async (of: Partial<Slo>, answers: readonly (readonly [RegExp, number])[]) =>
  (await checkLive([httpSlo(of)], server(answers).target)).map(
    ({ check, severity, path }) => `${check} ${severity} ${path}`,
  );

describe("a look at a running Prometheus", () => {
  it("says nothing of an SLO as it should be", async () => {
    expect(await look({}, [PRESENT, [/\/ \(sum/, 0.01], [/^sum/, 5_000]])).toEqual([]);
  });

  it("tells which metric, label or value is not there, and asks no more of such an SLO", async () => {
    const none = server([]);
    const [finding, ...others] = await checkLive([httpSlo()], none.target);
    expect(finding?.message).toMatch(/^reads http_requests_total, of which there was no series/);
    expect(others.map(({ check }) => check)).toEqual(["unknown-series"]);
    expect(none.asked.every((query) => query.startsWith("count(last_over_time("))).toBe(true);
  });

  it("takes failures that never happened for granted", async () => {
    const withoutErrors = [
      [/code=~"5\.\."/, 0],
      PRESENT,
      [/^sum\(sum\(increase\(http_requests_total\{job="shop"\}/, 5_000],
    ] as const;
    expect(await look({}, withoutErrors)).toEqual([]);
  });

  it("asks each query once, of however many SLOs", async () => {
    const { asked, target } = server([PRESENT]);
    await checkLive([httpSlo({ id: "a" }), httpSlo({ id: "b" })], target);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it.each([
    ["no-traffic warning shop-requests.sli.total", {}, [PRESENT]],
    ["no-traffic warning shop-requests.sli.total", {}, [PRESENT, [/^sum/, 0]]],
    ["ratio-out-of-range error shop-requests.sli.errors", {}, [PRESENT, [/\/ \(sum/, 1.4], [/^sum/, 5_000]]],
    [
      "unreached-minimum warning shop-requests.minimum",
      { minimum: { events: 100, failures: 2 } },
      [PRESENT, [/\/ \(sum/, 0], [/\[1h\]/, 40], [/^sum/, 5_000]],
    ],
    [
      "many-groups warning shop-requests.group_by",
      { groupBy: ["zone"] },
      [PRESENT, [/\/ \(sum/, 0], [/^count\(count by \(zone\)/, 900], [/^sum/, 5_000]],
    ],
    [
      "ratio-out-of-range error shop-requests.sli.ratio",
      { sli: { kind: "ratio", errorRatio: promql("avg_over_time(bad[$window])") } },
      [PRESENT, [/^max/, 2.5], [/^count\(avg/, 1]],
    ],
  ] as const)("says %s", async (says, of, answers) => {
    expect(await look(of, answers)).toEqual([says]);
  });

  it("looks at the first 500 and says so", async () => {
    const many = Array.from({ length: 501 }, (_, i) => httpSlo({ id: `slo-${i}` }));
    const found = await checkLive(many, server([PRESENT, [/\/ \(sum/, 0], [/^sum/, 5_000]]).target);
    expect(found.map(({ check, path }) => `${check} ${path}`)).toEqual(["not-looked-at slo-500"]);
  });

  it("fails as a whole when the server can not be asked", async () => {
    const { target } = server([]);
    const refused = new CollectError("connection_refused", "nothing listens there");
    const client: HttpClient = { ...target.client, requestJson: () => Promise.reject(refused) };
    await expect(checkLive([httpSlo()], { ...target, client })).rejects.toBe(refused);
  });
});

describe("the size of SLOs", () => {
  it("is the raw series of their selectors, and their groups", async () => {
    const { target } = server([
      [/^count\(\{.*code/, 20],
      [/^count\(\{/, 100],
      [/^count\(count by \(zone\)/, 7],
    ]);
    const slos = [httpSlo({ id: "whole" }), httpSlo({ id: "grouped", groupBy: ["zone"] })];
    expect(Object.fromEntries(await sloSizes(slos, target))).toEqual({
      whole: { inputSeries: 120, groups: 1 },
      grouped: { inputSeries: 120, groups: 7 },
    });
  });

  it("is not known of what is not there", async () => {
    expect(await sloSizes([httpSlo()], server([]).target)).toEqual(new Map());
  });
});
