import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { push } from "./__fixtures__/push.ts";
import { startTempoLab, type TempoLab } from "./tempo-lab.ts";

const NOW = 1_800_000_000_000;
const FROM = NOW - 600_000;

let lab: TempoLab;

beforeAll(async () => {
  lab = await startTempoLab({ now: () => NOW });
  // One span each 10 s; each fifth one fails and takes 1 s, with another version.
  const spans = Array.from({ length: 50 }, (_, index) => ({
    trace: `a${index}`,
    id: "1",
    at: FROM + 1 + index * 10_000,
    ...(index % 5 === 0 && { hasFailed: true, ms: 1_000 }),
    attributes: { version: index % 5 === 0 ? "2" : "1" },
  }));
  await push(lab, spans);
});
afterAll(() => lab.close());

interface Series {
  readonly labels: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly value?: number;
  readonly samples?: readonly { readonly timestampMs: string; readonly value?: number }[];
}

async function ask(path: string, q: string, more = ""): Promise<readonly Series[]> {
  const window = `start=${FROM / 1000}&end=${(NOW - 30_000) / 1000}`;
  const answer = await fetch(`${lab.url}/api/metrics/${path}?q=${encodeURIComponent(q)}&${window}${more}`);
  const { series = [] } = (await answer.json()) as { readonly series?: readonly Series[] };
  return series;
}

const byLabels = (series: readonly Series[]): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(
    series.map(({ labels, value }) => [labels.map(({ value }) => Object.values(value)[0]).join(" "), value]),
  );

describe("metrics of an emulated Tempo", () => {
  test("counts the spans of the window", async () => {
    expect(byLabels(await ask("query", "{} | count_over_time() by (status)"))).toEqual({ error: 10, unset: 40 });
    expect(byLabels(await ask("query", "{} | rate()"))).toEqual({ rate: 50 / 570 });
  });

  test("leaves a zero out, and the whole series where nothing can be counted", async () => {
    const none = '{ resource.service.name = "none" }';
    expect(byLabels(await ask("query", `${none} | rate()`))).toEqual({ rate: undefined });
    expect(await ask("query", `${none} | rate() by (name)`)).toEqual([]);
    expect(await ask("query", `${none} | max_over_time(duration)`)).toEqual([]);
  });

  test("points lie on multiples of the step, each over the step before it", async () => {
    const [series] = await ask("query_range", "{} | count_over_time()", "&step=100s");
    expect(series?.samples).toEqual([
      { timestampMs: String(FROM) },
      ...[1, 2, 3, 4, 5].map((step) => ({ timestampMs: String(FROM + step * 100_000), value: 10 })),
    ]);
  });

  test("tells durations in seconds", async () => {
    expect(byLabels(await ask("query", "{ status = error } | avg_over_time(duration)"))).toEqual({ avg_over_time: 1 });
    const quantiles = byLabels(await ask("query", "{} | quantile_over_time(duration, .5, .95)"));
    // Within the power of two that holds it.
    expect(quantiles["0.5"]).toBeGreaterThan(0.008);
    expect(quantiles["0.5"]).toBeLessThan(0.017);
    expect(quantiles["0.95"]).toBeGreaterThan(0.53);
    expect(quantiles["0.95"]).toBeLessThan(1.08);
  });

  test("compares attributes; those that the query filters by count twice", async () => {
    const found = byLabels(await ask("query", "{ kind = server } | compare({ status = error }, 10)"));
    expect(found).toMatchObject({ "selection 2": 10, "baseline 1": 40, "selection server": 20, "baseline server": 80 });
    expect(found["selection 1"]).toBeUndefined();
  });

  test("compares what lies in the inner window only with all the rest", async () => {
    const until = FROM + 250_000;
    const q = `{} | compare({ status = error }, 10, ${FROM}000000, ${until}000000)`;
    expect(byLabels(await ask("query", q))).toMatchObject({ "selection 2": 5, "baseline 2": 5, "baseline 1": 40 });
  });

  test("reckons with two queries, and keeps what passes a threshold", async () => {
    expect(byLabels(await ask("query", "({ status = error } | rate()) / ({} | rate())"))).toEqual({
      "(rate / rate)": 0.2,
    });
    expect(byLabels(await ask("query", "{} | count_over_time() by (status) > 20"))).toEqual({ unset: 40 });
    expect(byLabels(await ask("query", "{} | count_over_time() by (status) | topk(1)"))).toEqual({ unset: 40 });
  });
});
