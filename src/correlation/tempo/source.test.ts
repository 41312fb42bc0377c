import { afterEach, describe, expect, it } from "vitest";
import type { Finding } from "../../core/pack.ts";
import { json, type Answer, type AnswerServer } from "../spans/__fixtures__/answer-server.ts";
import { startRecordedTempo } from "./__fixtures__/recorded-tempo.ts";
import { openTempo } from "./source.ts";

let server: AnswerServer | undefined;
afterEach(async () => server?.close());

async function check(answers: Readonly<Record<string, string | Answer>>): Promise<readonly Finding[]> {
  server = await startRecordedTempo(({ pathname }) => answers[pathname] ?? "unknown-path");
  const source = await openTempo(server.config);
  try {
    return await source.check(AbortSignal.timeout(5_000));
  } finally {
    await source.close();
  }
}

const GOOD = {
  "/api/status/buildinfo": "buildinfo",
  "/api/search": "search-empty",
  "/api/metrics/query": "metrics-instant-no-window",
};

describe("the check of a Tempo", () => {
  it("finds it whole", async () => {
    const findings = await check(GOOD);
    expect(findings.map(({ ok }) => ok)).toStrictEqual([true, true, true]);
    expect(findings[0]?.message).toBe("reachable");
  });

  it("says its version", async () => {
    const findings = await check({ ...GOOD, "/api/status/buildinfo": json({ version: "3.1.0" }) });
    expect(findings[0]?.message).toBe("reachable, version 3.1.0");
  });

  it("says that it wants a tenant", async () => {
    const findings = await check({ ...GOOD, "/api/search": "mt-no-header-search" });
    expect(findings).toHaveLength(2);
    expect(findings[1]).toMatchObject({ ok: false });
    expect(findings[1]?.message).toContain("set evidence.traces.tenant");
  });

  it("says what is lost where spans are not counted", async () => {
    const findings = await check({ ...GOOD, "/api/metrics/query": "unknown-path" });
    expect(findings[2]).toMatchObject({ ok: false });
    expect(findings[2]?.message).toContain("come from a sample of at most 100 traces a side");
  });

  it("says that nothing is there", async () => {
    const findings = await check({});
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ ok: false });
  });
});

describe("neighbours", () => {
  const WINDOW = { from: 1_795_425_620_000, to: 1_795_426_520_000 };

  async function neighbours(answer: (url: URL, q: string) => string | Answer) {
    server = await startRecordedTempo((url) => answer(url, url.searchParams.get("q") ?? ""));
    const source = await openTempo(server.config, { now: () => WINDOW.to + 600_000 });
    try {
      return await source.neighbours("checkout", WINDOW, AbortSignal.timeout(5_000));
    } finally {
      await source.close();
    }
  }

  it("are asked for by structure", async () => {
    const found = (service: string, key: string): Answer => {
      const attributes = [{ key, value: { stringValue: service } }];
      const startTimeUnixNano = `${WINDOW.from}000000`;
      return json({ traces: [{ traceID: "1", startTimeUnixNano, spanSets: [{ spans: [{ attributes }] }] }] });
    };
    const reading = await neighbours((_url, q) => {
      if (q.includes("} > {")) return found("payments", "service.name");
      return q.includes("} < {") ? found("gateway", "service.name") : found("redis", "peer.service");
    });
    expect(reading).toMatchObject({ calls: ["payments", "redis"], calledBy: ["gateway"] });
    expect(reading.queries).toHaveLength(3);
  });

  it.each([10_000, 0, -600_000])("do not tell what is true only now, %d ms after the time", async (after) => {
    server = await startRecordedTempo(() => json({ traces: [] }));
    const source = await openTempo(server.config, { now: () => WINDOW.to + after });
    const signal = AbortSignal.timeout(5_000);
    const filter = { services: ["checkout"], namespaces: [], pods: [], hosts: [] };
    const baseline = { from: WINDOW.from - 3_600_000, to: WINDOW.from };
    try {
      expect((await source.neighbours("checkout", WINDOW, signal)).notes).toStrictEqual([]);
      const { notes } = await source.read({ filter, window: WINDOW, baseline, traces: 5 }, signal);
      expect(notes.join(" ")).toContain("Tempo 3 does not search the last 30 s");
    } finally {
      await source.close();
    }
  });

  it("are read out of traces where structure can not be asked for", async () => {
    const reading = await neighbours((url, q) => {
      if (url.pathname.startsWith("/api/v2/traces/")) return "trace-v2-found";
      return /} [<>] {|peer/.test(q) ? "search-syntax-error" : "search-error";
    });
    expect(reading).toMatchObject({ calledBy: ["gateway"] });
    expect(reading.calls).toContain("payments");
    expect(reading.notes.join(" ")).toContain("those of a few traces");
  });
});
