import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readResourceSpans } from "./otlp.ts";
import { attributeText, readNanos } from "./otlp-values.ts";
import { parseTraceId, readId } from "./trace-id.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("ids", () => {
  it("are the same in hexadecimal, in base64 and with their zeros stripped", () => {
    fc.assert(
      fc.property(bytes(16), (id) => {
        const hex = Buffer.from(id).toString("hex");
        fc.pre(!/^0+$/.test(hex));
        expect(readId(Buffer.from(id).toString("base64"), 32)).toBe(hex);
        for (const text of [hex, hex.toUpperCase(), hex.replace(/^0+/, "")]) {
          expect(readId(text, 32)).toBe(hex);
          expect(parseTraceId(text)).toBe(hex);
        }
      }),
    );
    fc.assert(
      fc.property(bytes(8), (id) => {
        const hex = Buffer.from(id).toString("hex");
        fc.pre(!/^0+$/.test(hex));
        expect(readId(Buffer.from(id).toString("base64"), 16)).toBe(hex);
        expect(readId(hex, 16)).toBe(hex);
      }),
    );
  });

  it("are none when they are zero, of another length or no text", () => {
    for (const none of ["", "0000000000000000", "AAAAAAAAAAA=", "zz", "€", 12, null, undefined, {}]) {
      expect(readId(none, 16)).toBeUndefined();
    }
  });
});

describe("values of OTLP", () => {
  it("become texts", () => {
    expect(attributeText({ stringValue: "a" })).toBe("a");
    expect(attributeText({ intValue: "200" })).toBe("200");
    expect(attributeText({ intValue: 200 })).toBe("200");
    expect(attributeText({ boolValue: false })).toBe("false");
    expect(attributeText({ doubleValue: 0.5 })).toBe("0.5");
    expect(attributeText({ arrayValue: { values: [{ stringValue: "a" }, { intValue: "1" }] } })).toBe('["a","1"]');
    expect(attributeText({ kvlistValue: { values: [{ key: "k", value: { boolValue: true } }] } })).toBe('{"k":true}');
    expect(attributeText({})).toBeUndefined();
  });

  it("keep the microseconds of a time", () => {
    expect(readNanos("1795426647855057276")).toBeCloseTo(1_795_426_647_855.057, 3);
    expect(readNanos("300000")).toBe(0.3);
    expect(readNanos("0")).toBeUndefined();
  });
});

const SPAN = { traceId: "0a", spanId: "b", startTimeUnixNano: "1000000", endTimeUnixNano: "3000000" };
const group = (span: object): unknown => [{ scopeSpans: [{ spans: [span] }] }];

describe("spans of OTLP", () => {
  it.each([
    [2, 2],
    ["SPAN_KIND_SERVER", "STATUS_CODE_ERROR"],
  ])("have kinds and statuses by number or name: %s", (kind, code) => {
    const { rows } = readResourceSpans(group({ ...SPAN, kind, status: { code } }));
    expect(rows[0]?.span).toMatchObject({ kind: "server", status: "error", durationMs: 2 });
  });

  it("are left out and counted without an id or a time", () => {
    for (const key of ["traceId", "spanId", "startTimeUnixNano"] as const) {
      expect(readResourceSpans(group({ ...SPAN, [key]: undefined }))).toStrictEqual({ rows: [], unreadable: 1 });
    }
  });

  it.each([
    { kind: null },
    { kind: -1 },
    { kind: 9 },
    { status: { code: null } },
    { status: { code: -1 } },
    { status: { code: "wrong" } },
  ])("are no spans of another kind, and did not succeed, where that can not be read: %j", (wrong) => {
    expect(readResourceSpans(group({ ...SPAN, ...wrong }))).toStrictEqual({ rows: [], unreadable: 1 });
  });

  it("have what is left out as nothing, and numbers in texts", () => {
    const [plain] = readResourceSpans(group({ ...SPAN, kind: undefined, status: {} })).rows;
    expect(plain?.span).toMatchObject({ kind: "unspecified", status: "unset" });
    const [texts] = readResourceSpans(group({ ...SPAN, kind: "2", status: { code: "2" } })).rows;
    expect(texts?.span).toMatchObject({ kind: "server", status: "error" });
  });

  it.each([null, "none", { spans: null }])("that are no list are counted too: %j", (scopeSpans) => {
    expect(readResourceSpans([{ scopeSpans }]).unreadable).toBe(1);
  });

  it("never last less than nothing", () => {
    const { rows } = readResourceSpans(group({ ...SPAN, endTimeUnixNano: "1" }));
    expect(rows[0]?.span.durationMs).toBe(0);
  });

  it("have bounded texts, whoever wrote them", () => {
    const long = "x".repeat(1_000_000);
    const attributes = Array.from({ length: 1_000 }, (_, at) => ({ key: `k${at}`, value: { stringValue: long } }));
    const odd = [{ key: "__proto__", value: { stringValue: "odd" } }, ...attributes];
    const { rows } = readResourceSpans(
      group({ ...SPAN, name: long, attributes: odd, status: { code: 2, message: long } }),
    );
    const [row] = rows;
    expect(row?.span.name.length).toBe(1_024);
    expect(row?.span.statusMessage?.length).toBe(1_024);
    expect(Object.keys(row?.own ?? {}).length).toBeLessThanOrEqual(256);
    expect(Object.values(row?.own ?? {}).every((value) => value.length <= 1_024)).toBe(true);
    expect(({} as Record<string, unknown>)["odd"]).toBeUndefined();
  });

  it("are read or left out, whatever comes", () => {
    const anything = fc.anything({ maxDepth: 3, withNullPrototype: true });
    const shaped = fc.record(
      {
        traceId: fc.oneof(fc.constant("0a"), anything),
        spanId: fc.oneof(fc.constant("0b"), anything),
        parentSpanId: anything,
        name: anything,
        kind: anything,
        startTimeUnixNano: fc.oneof(fc.constant("1000000"), anything),
        endTimeUnixNano: anything,
        attributes: fc.oneof(fc.array(fc.record({ key: anything, value: anything })), anything),
        events: fc.oneof(fc.array(fc.record({ timeUnixNano: anything, attributes: anything })), anything),
        status: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(anything, shaped.map(group)), (body) => {
        for (const { span, own } of readResourceSpans(body).rows) {
          expect(span.durationMs).toBeGreaterThanOrEqual(0);
          expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
          for (const value of Object.values(own)) expect(typeof value).toBe("string");
        }
      }),
    );
  });
});
