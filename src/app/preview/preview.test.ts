import { beforeEach, describe, expect, it } from "vitest";
import { CollectError } from "../../core/errors.ts";
import { single, small } from "./__fixtures__/small-dashboard.ts";
import { readPanel, readVariable, type Preview } from "./preview.ts";
import type { Answered, AnsweredSeries, PreviewSource } from "./source.ts";

let asked: { readonly promql: string; readonly rest: unknown }[];
let answer: Answered | Error;

const give = async (promql: string, rest: unknown): Promise<Answered> => {
  asked.push({ promql, rest });
  if (answer instanceof Error) throw answer;
  return answer;
};
const source: PreviewSource = {
  range: (promql, { from, to, step }) => give(promql, { from, to, step }),
  instant: give,
  async labelValues(selector, label) {
    asked.push({ promql: selector, rest: label });
    return ["a", "b"];
  },
};
const preview: Preview = { source, dashboards: new Map([small, single].map((each) => [each.uid, each])) };
const question = { from: 1_000, to: 1_060, step: 30, chosen: {} };
const series = (values: AnsweredSeries["values"], node = "n1"): AnsweredSeries => ({
  labels: { __name__: "used", node, device: "sda" },
  values,
});
const of = (id: number, uid = small.uid) => ({ uid, id });

beforeEach(() => {
  asked = [];
  answer = { series: [], isCut: false, warnings: [] };
});

describe("a panel over time", () => {
  it("is asked for its range with the variables filled in, and has a value or null for each time", async () => {
    answer = {
      series: [
        series([
          [1_000, "0.5"],
          [1_030, "NaN"],
          [1_060, "0.95"],
        ]),
      ],
      isCut: false,
      warnings: [],
    };
    const { times, series: drawn } = await readPanel(preview, of(1), { ...question, chosen: { node: ["n1"] } });
    expect(asked).toEqual([{ promql: 'used{node=~"n1"}', rest: { from: 1_000, to: 1_060, step: 30 } }]);
    expect(times).toEqual([1_000, 1_030, 1_060]);
    expect(drawn).toEqual([
      {
        refId: "A",
        name: "n1 sda",
        labels: { __name__: "used", node: "n1", device: "sda" },
        values: [0.5, null, 0.95],
        last: 0.95,
        mood: "critical",
        href: "/dashboards/watchkeeper-small?var-node=n1",
      },
    ]);
  });

  it("has no smaller step than it has in Grafana, and ends at the same time", async () => {
    const [row, ...rows] = small.rows;
    const rare = row?.panels.map((each) => (each.kind === "signals" ? { ...each, leastStep: 50 } : each)) ?? [];
    const dashboards = new Map([
      [small.uid, { ...small, rows: row === undefined ? [] : [{ ...row, panels: rare }, ...rows] }],
    ]);
    const { times } = await readPanel({ source, dashboards }, of(1), question);
    expect(times).toEqual([1_010, 1_060]);
    const seldom = { ...question, step: 60 };
    expect((await readPanel({ source, dashboards }, of(1), seldom)).times).toEqual([1_000, 1_060]);
    expect(asked.map(({ rest }) => rest)).toEqual([
      { from: 1_010, to: 1_060, step: 50 },
      { from: 1_000, to: 1_060, step: 60 },
    ]);
  });

  it("does not take what a series had for what it has", async () => {
    answer = { series: [series([[1_000, "0.95"]])], isCut: false, warnings: [] };
    const { series: drawn } = await readPanel(preview, of(1), question);
    expect(drawn[0]).toMatchObject({ values: [0.95, null, null], last: null, mood: "none" });
  });

  it("tells of each state how bad it is", async () => {
    answer = {
      series: [
        series([
          [1_000, "0.5"],
          [1_030, "0.85"],
        ]),
      ],
      isCut: false,
      warnings: [],
    };
    const { series: drawn } = await readPanel(preview, of(3), question);
    expect(drawn[0]?.moods).toEqual(["ok", "warning", "none"]);
  });
});

it("a number is asked for at the end only", async () => {
  answer = { series: [series([[1_060, "0.85"]], "a&b")], isCut: false, warnings: [] };
  const { times, series: drawn } = await readPanel(preview, of(2), question);
  expect(asked).toEqual([{ promql: 'used{node=~".+"}', rest: 1_060 }]);
  expect(times).toEqual([1_060]);
  expect(drawn[0]).toMatchObject({ last: 0.85, mood: "warning", href: "/dashboards/watchkeeper-small?var-node=a%26b" });
});

it("what is cut or incomplete is said", async () => {
  answer = { series: [], isCut: true, warnings: ["a store gave no answer"] };
  const { notes } = await readPanel(preview, of(1), question);
  expect(notes).toEqual(["There are more series; the first 100 are shown.", "a store gave no answer"]);
});

describe("what has no answer", () => {
  it.each([
    ["an unknown dashboard", of(1, "other"), 404],
    ["an unknown panel", of(99), 404],
    ["a panel that only Grafana shows", of(4), 404],
    ["a variable of one value without one", of(1, single.uid), 400],
  ])("%s is a fault, and nothing is asked", async (_, panel, status) => {
    await expect(readPanel(preview, panel, question)).rejects.toMatchObject({ name: "PreviewFault", status });
    expect(asked).toEqual([]);
  });

  it("a Prometheus that is away is named", async () => {
    answer = new CollectError("connection_refused", "GET http://prometheus:9090/api/v1/query_range: nothing listens");
    await expect(readPanel(preview, of(1), question)).rejects.toMatchObject({
      status: 502,
      message: "Prometheus gave no answer: GET http://prometheus:9090/api/v1/query_range: nothing listens",
    });
  });
});

describe("a variable", () => {
  it("has the values that the earlier ones leave", async () => {
    const chosen = { node: ['a"b'] };
    expect(await readVariable(preview, { uid: single.uid, name: "device" }, { ...question, chosen })).toEqual([
      "a",
      "b",
    ]);
    expect(asked).toEqual([{ promql: String.raw`used{node=~"a\"b"}`, rest: "device" }]);
  });

  it("that the dashboard has not is a fault", async () => {
    await expect(readVariable(preview, { uid: small.uid, name: "device" }, question)).rejects.toMatchObject({
      status: 404,
    });
  });
});

it("an infinite value can not be drawn, but is beyond its threshold", async () => {
  answer = { series: [series([[1_060, "+Inf"]]), series([[1_060, "-Inf"]])], isCut: false, warnings: [] };
  const { series: drawn } = await readPanel(preview, of(2), question);
  expect(drawn.map(({ values, last, mood }) => [values, last, mood])).toEqual([
    [[null], null, "critical"],
    [[null], null, "ok"],
  ]);
});
