import { describe, expect, it } from "vitest";
import { logIdText, readLogId, readTraceId } from "./ids.ts";

const ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const SHORT = "00000000000000001234567890abcdef";

describe("an id of a trace", () => {
  it.each([
    [ID, ID],
    [ID.toUpperCase(), ID],
    ["4bf92f35-77b3-4da6-a3ce-929d0e0e4736", ID],
    [`  "${ID}",\n`, ID],
    [`'${ID}'`, ID],
    ["S/kvNXezTaajzpKdDg5HNg==", ID],
    ["S_kvNXezTaajzpKdDg5HNg", ID],
    ['"S/kvNXezTaajzpKdDg5HNg=="', ID],
    [`00-${ID}-00f067aa0ba902b7-01`, ID],
    ["1234567890ABCDEF", SHORT],
    ["EjRWeJCrze8=", SHORT],
    ["1", "1".padStart(32, "0")],
  ])("is understood as %s", (text, id) => {
    expect(readTraceId(text)).toBe(id);
  });

  it.each(["", '""', "0000", "nothex", `${ID}0`, "AAAAAAAAAAAAAAAAAAAAAA==", "not-an-id-of-any-trace", "hello-world"])(
    "is not %s",
    (text) => {
      expect(readTraceId(text)).toBeUndefined();
    },
  );
});

describe("an id of a log line", () => {
  const id = "KHGlZ4wBz3nTt0m_DzA-";
  const index = ".ds-logs-shop-default-2026.11.27-000001";
  it.each([
    [id, { id }],
    [` "${id}" `, { id }],
    [`${index}/${id}`, { id, index }],
    [`north:${index}/${id}`, { id, index: `north:${index}` }],
    [`https://kibana.example.org/s/ops/app/discover#/doc/1f2e-aa/${index}?id=${id}&_g=()`, { id, index }],
    [`https://kibana.example.org/app/discover#/doc/1f2e-aa/${index}?id=a%2Fb`, { id: "a/b", index }],
    ["AbC/dEf", { id: "AbC/dEf" }],
    [`${"i".repeat(256)}/a`, { id: `${"i".repeat(256)}/a` }],
    ["tenant1/4711", { id: "4711", index: "tenant1" }],
  ])("is understood as %s", (text, read) => {
    expect(readLogId(text)).toEqual(read);
  });

  it.each([
    "",
    '""',
    "two words",
    "a\u0000b",
    "x".repeat(513),
    `${"i".repeat(256)}/${"a".repeat(256)}`,
    "https://kibana.example.org/app",
  ])("is not %j", (text) => {
    expect(readLogId(text)).toBeUndefined();
  });

  it.each([readLogId, readTraceId])("is nothing that is very long: %o", (read) => {
    for (const text of [
      `x${" ".repeat(50_000)}x`,
      `${" ".repeat(2_000)}1`,
      `https://k/#/doc/a/b?id=c&_g=${"x".repeat(2_000)}`,
    ])
      expect(read(text)).toBeUndefined();
    expect(read(`${" ".repeat(1_999)}1`)).toBeDefined();
  });

  it("is written as it is read", () => {
    for (const one of [{ id }, { id, index }]) expect(readLogId(logIdText(one))).toEqual(one);
  });
});
