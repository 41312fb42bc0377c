import { afterEach, describe, expect, test } from "vitest";
import { push } from "./__fixtures__/push.ts";
import { startTempoLab, type TempoLab, type TempoLabOptions } from "./tempo-lab.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const TRACE = "000000000000000000000000000000ab";

const labs: TempoLab[] = [];
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});

async function start(options: TempoLabOptions = {}): Promise<TempoLab> {
  const lab = await startTempoLab({ now: () => NOW, ...options });
  labs.push(lab);
  return lab;
}

async function ask(lab: TempoLab, path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(lab.url + path, { headers });
  const text = await answer.text();
  return { status: answer.status, text, body: text.startsWith("{") ? (JSON.parse(text) as unknown) : undefined };
}

const search = (lab: TempoLab, q: string, more = "") => ask(lab, `/api/search?q=${encodeURIComponent(q)}${more}`);

describe("an emulated Tempo", () => {
  test("finds a new span by id at once, and in a search once it is 30 s old", async () => {
    let now = NOW;
    const lab = await start({ now: () => now });
    await push(lab, [{ trace: "ab", id: "1", at: NOW }]);
    expect(await ask(lab, "/api/v2/traces/ab")).toMatchObject({ body: { trace: { resourceSpans: [{}] } } });
    now = NOW + 29_000;
    expect(await search(lab, "{}")).toMatchObject({ body: { traces: [] } });
    now = NOW + 31_000;
    expect(await search(lab, "{}")).toMatchObject({ body: { traces: [{ traceID: "ab" }] } });
  });

  test("writes ids in base64 by id, and in a search without their zeros", async () => {
    const lab = await start();
    await push(lab, [{ trace: "ab", id: "1", at: NOW - MINUTE, hasFailed: true }]);
    const { text } = await ask(lab, `/api/traces/${TRACE}`);
    expect(text).toContain(`"traceId":"${Buffer.from(TRACE, "hex").toString("base64")}"`);
    expect(await search(lab, "{ status = error }")).toMatchObject({
      body: {
        traces: [
          {
            traceID: "ab",
            rootServiceName: "shop",
            spanSets: [{ matched: 1, spans: [{ spanID: "0000000000000001" }] }],
            serviceStats: { shop: { spanCount: 1, errorCount: 1 } },
          },
        ],
      },
    });
  });

  test("says nothing of a trace that it does not have: 404 on v1, 200 on v2", async () => {
    const lab = await start();
    expect(await ask(lab, "/api/traces/ff")).toMatchObject({ status: 404, text: "" });
    expect(await ask(lab, "/api/v2/traces/ff")).toMatchObject({ status: 200, text: '{"trace":{},"metrics":{}}' });
  });

  test("gives a part of a trace that is over the limit, and says so on v2", async () => {
    const lab = await start();
    const spans = Array.from({ length: 20 }, (_, index) => ({ trace: "ab", id: `${index + 1}`, at: NOW - MINUTE }));
    await push(lab, spans);
    lab.setLimits({ maxBytesPerTrace: 1_000 });
    expect(await ask(lab, "/api/v2/traces/ab")).toMatchObject({
      body: { status: "PARTIAL", message: "Trace exceeds maximum size of 1000 bytes, a partial trace is returned" },
    });
    expect(await ask(lab, "/api/traces/ab")).toMatchObject({ status: 422 });
  });

  test("drops what one push brings over the limit of a trace, and keeps the rest", async () => {
    const lab = await start({ limits: { maxBytesPerTrace: 1_000 } });
    const large = Array.from({ length: 20 }, (_, index) => ({ trace: "ab", id: `${index + 1}`, at: NOW - MINUTE }));
    expect(await push(lab, [...large, { trace: "cd", id: "1", at: NOW - MINUTE }])).toMatchObject({ status: 200 });
    expect(await ask(lab, "/api/traces/ab")).toMatchObject({ status: 404 });
    expect(await ask(lab, "/api/traces/cd")).toMatchObject({ status: 200 });
  });

  test("relates spans by their parents", async () => {
    const lab = await start();
    const at = NOW - MINUTE;
    await push(lab, [
      { trace: "ab", id: "1", at, service: "web" },
      { trace: "ab", id: "2", parent: "1", at, service: "shop" },
      { trace: "ab", id: "3", parent: "2", at, service: "db", hasFailed: true },
      { trace: "ab", id: "4", parent: "2", at, service: "cache" },
    ]);
    const found = async (q: string): Promise<unknown> => {
      const { body } = await search(lab, q);
      const { traces } = body as { traces: { spanSets: { spans: { spanID: string }[] }[] }[] };
      return traces.flatMap(({ spanSets }) =>
        spanSets.flatMap(({ spans }) => spans.map(({ spanID }) => spanID.slice(-1))),
      );
    };
    const web = '{ resource.service.name = "web" }';
    const cache = '{ resource.service.name = "cache" }';
    expect(await found(`${web} >> { status = error }`)).toEqual(["3"]);
    expect(await found(`${web} > { status = error }`)).toEqual([]);
    expect(await found(`{ status = error } << ${web}`)).toEqual(["1"]);
    expect(await found(`{ status = error } ~ ${cache}`)).toEqual(["4"]);
    expect(await found(`${web} &>> { status = error }`)).toEqual(["3", "1"]);
    expect(await found(`${web} !>> ${web}`)).toEqual(["1"]);
    expect(await found("{ } | by(resource.service.name) | count() > 1")).toEqual([]);
    expect(await found('{ resource.service.name =~ "d" }')).toEqual([]);
  });

  test("keeps tenants apart, and reads several as one", async () => {
    const lab = await start({ isMultiTenant: true });
    await push(lab, [{ trace: "ab", id: "1", at: NOW - MINUTE }], { "x-scope-orgid": "a" });
    expect(await ask(lab, "/api/traces/ab", { "x-scope-orgid": "b" })).toMatchObject({ status: 404 });
    expect(await ask(lab, "/api/traces/ab", { "x-scope-orgid": "a|b" })).toMatchObject({ status: 200 });
    expect(await ask(lab, "/api/traces/ab")).toMatchObject({ status: 401, text: "no org id\n" });
  });

  test("finds spans that came late only where they arrived", async () => {
    const lab = await start({ slackMs: 2 * MINUTE });
    await push(lab, [{ trace: "ab", id: "1", at: NOW - 60 * MINUTE }]);
    const window = (from: number, to: number): string => `&start=${from / 1000}&end=${to / 1000}`;
    expect(await search(lab, "{}", window(NOW - 70 * MINUTE, NOW - 50 * MINUTE))).toMatchObject({
      body: { traces: [] },
    });
    expect(await search(lab, "{}", window(NOW - 70 * MINUTE, NOW))).toMatchObject({ body: { traces: [{}] } });
  });

  test("forgets a trace after its time", async () => {
    let now = NOW;
    const lab = await start({ now: () => now, retentionMs: MINUTE });
    await push(lab, [{ trace: "ab", id: "1", at: NOW }]);
    now = NOW + 50_000;
    await push(lab, [{ trace: "cd", id: "1", at: NOW }]);
    now = NOW + 70_000;
    await push(lab, [{ trace: "ef", id: "1", at: NOW }]);
    const statuses = ["ab", "cd", "ef"].map(async (id) => (await ask(lab, `/api/traces/${id}`)).status);
    expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
  });

  test("takes no protobuf", async () => {
    const lab = await start();
    const headers = { "content-type": "application/x-protobuf" };
    const answer = await fetch(`${lab.otlpUrl}/v1/traces`, { method: "POST", headers, body: "x" });
    expect(answer.status).toBe(415);
    expect(await answer.text()).toContain("application/json only");
  });

  test.each([
    ["timeout", 503, "unable to process request in the configured timeout"],
    ["queue_full", 429, "job queue full"],
  ] as const)("refuses when in trouble: %s", async (trouble, status, text) => {
    const lab = await start();
    lab.setTrouble(trouble);
    expect(await search(lab, "{}")).toMatchObject({ status, text });
    lab.setTrouble(undefined);
    expect(await search(lab, "{}")).toMatchObject({ status: 200 });
  });

  test("can be put under the faults of the lab", async () => {
    const lab = await start();
    await lab.setFault({ kind: "status", status: 500 });
    expect(await search(lab, "{}")).toMatchObject({ status: 500 });
    await lab.setFault({ kind: "reset" });
    await expect(search(lab, "{}")).rejects.toThrow("terminated");
  });
});
