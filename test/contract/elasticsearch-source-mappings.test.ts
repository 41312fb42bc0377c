import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ElasticsearchConfig } from "../../src/core/evidence-config.ts";
import type { LogQuestion, LogReading } from "../../src/core/telemetry.ts";
import type { ElasticsearchLab } from "../../src/lab/elasticsearch/contract.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import {
  ecsLine,
  END,
  filterOf,
  makeIndex,
  MAPPINGS,
  patience,
  questionOf,
  withSource,
} from "./elasticsearch-source-fixtures.ts";

let lab: ElasticsearchLab;
beforeEach(async () => {
  lab = await startElasticsearchLab();
});
afterEach(() => lab.close());

const read = (given: Partial<ElasticsearchConfig>, question: Partial<LogQuestion> = {}): Promise<LogReading> =>
  withSource(lab, given, (source) => source.read(questionOf(question), patience()));

const findings = (given: Partial<ElasticsearchConfig>) =>
  withSource(lab, given, async (source) => {
    const found = await source.check(patience());
    return Object.fromEntries(found.map(({ subject, ok, message }) => [subject, { ok, message }]));
  });

const keyword = { type: "keyword" };
const iso = (at: number): string => new Date(at).toISOString();

describe("mappings", () => {
  test("OpenTelemetry's own, whose aliases are not in the documents", async () => {
    await makeIndex(lab, "logs-otel", MAPPINGS.otel);
    const line = {
      "@timestamp": `${iso(END - 1_000).slice(0, -1)}123456Z`,
      body: { text: "out of stock" },
      severity_text: "Error",
      severity_number: 17,
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      resource: { attributes: { "service.name": "shop", "k8s.pod.name": "shop-1", "service.version": "2.0" } },
    };
    lab.write(
      "logs-otel",
      Array.from({ length: 6 }, () => line),
    );
    const { window, comparison, fields, notes } = await read({});
    expect(window.lines[0]).toEqual({
      at: END - 1_000,
      message: "out of stock",
      level: "error",
      service: "shop",
      pod: "shop-1",
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    });
    expect(comparison).toBe("failed");
    expect(fields.map(({ field }) => field)).toContain("resource.attributes.service.version");
    expect(notes).toEqual([]);
  });

  test("a number of the severity alone tells the level", async () => {
    await makeIndex(lab, "logs-number", { ...MAPPINGS.otel, severity_text: undefined, log: undefined });
    const resource = { attributes: { "service.name": "shop" } };
    lab.write("logs-number", [
      { "@timestamp": iso(END - 2), body: { text: "bad" }, severity_number: 18, resource },
      { "@timestamp": iso(END - 1), body: { text: "good" }, severity_number: 9, resource },
    ]);
    const { window, histogram, notes } = await read({});
    expect(window.lines.map(({ level }) => level)).toEqual(["error", "info"]);
    expect(histogram.at(-1)).toMatchObject({ lines: 2, failed: 1 });
    expect(notes).toEqual([]);
  });

  test("one that grew by itself, with texts that have a keyword each", async () => {
    lab.write(
      "logs-app",
      Array.from({ length: 12 }, (_, n) => ({
        "@timestamp": iso(END - 1_000 - n),
        message: `try ${n}`,
        level: n < 6 ? "ERROR" : "INFO",
        service: "my shop",
        version: n < 6 ? "2.0" : "1.0",
      })),
    );
    const { window, fields } = await read({}, { filter: filterOf({ services: ["my shop"] }) });
    expect(window.total).toBe(12);
    expect(fields.find(({ field }) => field.startsWith("version"))?.values).toContainEqual({
      value: "2.0",
      selection: 6,
      background: 0,
    });
    expect((await read({}, { filter: filterOf({ services: ["shop"] }) })).window.total).toBe(0);
  });

  test("names of the configuration win", async () => {
    await makeIndex(lab, "logs-own", {
      when: { type: "date", format: "epoch_second" },
      txt: { type: "text", index: false },
      sev: { type: "long" },
      svc: keyword,
      service: keyword,
    });
    lab.write("logs-own", [
      { when: END / 1_000 - 1, txt: "no disk", sev: 50, svc: "shop", service: "x" },
      { when: END / 1_000 - 2, txt: "fine", sev: 30, svc: "shop", service: "x" },
    ]);
    const fields = { timestamp: "when", message: "txt", level: "sev", service: "svc" };
    const { window, histogram } = await read({ fields });
    expect(window.lines).toEqual([
      { at: END - 2_000, message: "fine", level: "info", service: "shop" },
      { at: END - 1_000, message: "no disk", level: "error", service: "shop" },
    ]);
    expect(histogram.at(-1)).toMatchObject({ lines: 2, failed: 1 });
  });

  test("a configured name that no index has is told, in a reading and in a check", async () => {
    await makeIndex(lab, "logs-shop", MAPPINGS.ecs);
    const { window, notes, incomplete } = await read({ fields: { service: "svc" } });
    expect(window.total).toBe(0);
    expect(incomplete).toBe("no field names the service of a line, so that shop could not be asked for");
    expect(notes).toEqual([
      "no index has a usable field `svc` (`evidence.elasticsearch.fields.service`): the lines of a service are not found",
      "no field names the service of a line, so that shop could not be asked for",
    ]);
    expect((await findings({ fields: { service: "svc" } }))["field for the service"]).toEqual({
      ok: false,
      message: "no index has `svc` in a usable type: the lines of a service are not found",
    });
  });

  test("a field that is a group elsewhere is the one where it is a field", async () => {
    await makeIndex(lab, "logs-a", MAPPINGS.ecs);
    await makeIndex(lab, "logs-b", { ...MAPPINGS.ecs, service: keyword });
    lab.write("logs-a", [ecsLine(END - 2, "a")]);
    lab.write("logs-b", [ecsLine(END - 1, "b", { service: "shop" })]);
    const { window } = await read({});
    expect(window.lines.map(({ message }) => message)).toEqual(["a", "b"]);
  });

  test("indices without the time are told", async () => {
    await makeIndex(lab, "logs-a", MAPPINGS.ecs);
    await makeIndex(lab, "logs-c", { message: { type: "text" }, service: { properties: { name: keyword } } });
    lab.write("logs-a", [ecsLine(END - 1_000, "a")]);
    const { notes } = await read({});
    expect(notes.join("\n")).toContain("1 of 2 indices have no `@timestamp`, their lines are not seen: logs-c");
  });
});

describe("nothing there", () => {
  test("patterns that match no index", async () => {
    await expect(read({ indices: ["none-*"] })).rejects.toMatchObject({
      reason: "not_found",
      message: expect.stringMatching(/^no index matches none-\* .*may see none: it needs the index privilege `read`$/),
    });
    expect((await findings({ indices: ["none-*"] }))["indices none-*"]).toMatchObject({ ok: false });
  });

  test("an empty window has no histogram", async () => {
    await makeIndex(lab, "logs-shop", MAPPINGS.ecs);
    const { window, baseline, histogram, fields, notes } = await read({});
    expect([window.total, baseline.total, histogram, fields, notes]).toEqual([0, 0, [], [], []]);
  });
});

describe("check", () => {
  test("tells which field means what, and what is not seen without the others", async () => {
    await makeIndex(lab, "logs-shop", {
      "@timestamp": { type: "date" },
      message: { type: "text" },
      host: { properties: { name: keyword } },
    });
    lab.write("logs-shop", [{ "@timestamp": iso(Date.now() - 60_000), message: "x" }]);
    const found = await findings({});
    expect(found[`node ${lab.url}`]).toEqual({ ok: true, message: "reachable, Elasticsearch 8.19.21" });
    expect(found["indices logs-*"]).toEqual({ ok: true, message: "1 index matches" });
    expect(found["field for the host"]).toEqual({ ok: true, message: "`host.name` (keyword)" });
    expect(found["field for the level"]).toEqual({
      ok: false,
      message:
        "none is known in these indices; set `evidence.elasticsearch.fields.level` if one has another name: which lines failed is not known",
    });
    expect(found["field for the service"]?.ok).toBe(true);
    expect(found["newest line"]).toMatchObject({ ok: true });
  });

  test("sees a clock that is ahead", async () => {
    await makeIndex(lab, "logs-shop", MAPPINGS.ecs);
    lab.write("logs-shop", [ecsLine(Date.now() + 3 * 3_600_000, "x")]);
    const newest = (await findings({}))["newest line"];
    expect(newest?.ok).toBe(false);
    expect(newest?.message).toMatch(/3.0 h ahead of this machine's clock: one of the clocks is wrong/);
  });
});
