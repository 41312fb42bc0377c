import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { levelOf, levelOfSeverity } from "./levels.ts";
import { hexId, inOrder, toLine, toMillis } from "./lines.ts";
import type { Profile, ProfileField } from "./profile.ts";

const field = (name: string): readonly ProfileField[] => [{ name, kind: "keyword", term: name }];
const profile: Profile = {
  timestamp: field("@timestamp"),
  message: field("message"),
  level: field("level"),
  service: field("service"),
  trace: field("trace"),
  span: field("span"),
  namespace: [],
  pod: field("pod"),
  host: field("host"),
  severityNumber: "severity_number",
  indices: 1,
  notes: [],
  query: { source: "elasticsearch", purpose: "", method: "POST", path: "/" },
};

const lineOf = (fields: Readonly<Record<string, unknown>>, ignored?: Readonly<Record<string, unknown>>) => {
  const listed = (record: Readonly<Record<string, unknown>>) =>
    new Map(Object.entries(record).map(([name, value]) => [name, [value]]));
  const hit = {
    fields: listed({ "@timestamp": "2026-01-01T00:00:00.000Z", ...fields }),
    ...(ignored && { ignored_field_values: listed(ignored) }),
  };
  return toLine(hit, profile)?.line;
};

describe("times", () => {
  const at = Date.UTC(2026, 0, 1, 0, 0, 1, 500);

  test.each([
    ["2026-01-01T00:00:01.500Z", at],
    ["2026-01-01T01:00:01.500+01:00", at],
    ["2026-01-01T00:00:01.500250Z", at + 0.25],
    ["2026-01-01T00:00:01.500000001Z", at + 0.000_001],
    [at, at],
    [String(at), at],
    [at / 1_000, at],
    [at * 1_000, at],
    [`${at}000000`, at],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
    [{ seconds: 1 }, undefined],
  ])("%o", (value, expected) => {
    // what a float can not hold of a nanosecond does not count
    const rounded = (time: number | undefined) => (time === undefined ? undefined : Math.round(time * 1_000) / 1_000);
    expect(rounded(toMillis(value))).toBe(rounded(expected));
  });

  test("what is finer than a millisecond keeps lines in their order, and is not told", () => {
    const timed = ["300", "100", "200"].flatMap((nanos) => {
      const hit = {
        fields: new Map([
          ["@timestamp", [`2026-01-01T00:00:01.500000${nanos}Z`]],
          ["message", [nanos]],
        ]),
      };
      return toLine(hit, profile) ?? [];
    });
    expect(inOrder(timed).map(({ at: when, message }) => [when, message])).toEqual([
      [at, "100"],
      [at, "200"],
      [at, "300"],
    ]);
  });
});

describe("levels", () => {
  test.each([
    ["ERROR", "error"],
    ["Err", "error"],
    [" warning ", "warn"],
    ["CRITICAL", "fatal"],
    ["Information", "info"],
    ["verbose", "trace"],
    [50, "error"],
    ["60", "fatal"],
    [3, "error"],
    [0, "fatal"],
    [6, "info"],
    [35, "info"],
    ["loud", undefined],
    [undefined, undefined],
    [["error"], "error"],
  ])("%o is %s", (value, level) => {
    expect(levelOf(value)).toBe(level);
  });

  test.each([
    [24, "fatal"],
    [17, "error"],
    [16, "warn"],
    [1, "trace"],
    [0, undefined],
  ])("severity number %d is %s", (value, level) => {
    expect(levelOfSeverity(value)).toBe(level);
  });

  test("the number of the severity counts where the word says nothing", () => {
    expect(lineOf({ level: "oops", severity_number: 17 })?.level).toBe("error");
    expect(lineOf({ level: "info", severity_number: 17 })?.level).toBe("info");
    expect(lineOf({})).not.toHaveProperty("level");
  });
});

describe("ids", () => {
  test.each([
    ["4BF92F3577B34DA6A3CE929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736"],
    ["4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736"],
    ["a3ce929d0e0e4736", "0000000000000000a3ce929d0e0e4736"],
    ["0", undefined],
    ["0".repeat(32), undefined],
    ["", undefined],
    ["x1", undefined],
    ["a".repeat(33), undefined],
  ])("%o", (id, expected) => {
    expect(hexId(id, 32)).toBe(expected);
  });
});

describe("messages", () => {
  test("are cut to 8 KiB between characters, whatever they hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), fc.integer({ min: 1, max: 2_000 }), (piece, times) => {
        const whole = piece.repeat(times);
        const { message = "" } = lineOf({ message: whole }) ?? {};
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(8_192);
        const isCut = message.endsWith("…") && whole.startsWith(message.slice(0, -1));
        expect(message === whole || isCut).toBe(true);
        expect(message === whole).toBe(Buffer.byteLength(whole) <= 8_192);
      }),
    );
  });

  test("keep markup and control characters, which those who show them take out", () => {
    const hostile = "<script>\u001b[31m\u0000\u202e";
    expect(lineOf({ message: hostile })?.message).toBe(hostile);
  });

  test("are found where they were too long for their keyword, and are empty where there is none", () => {
    expect(lineOf({}, { message: "a long one" })?.message).toBe("a long one");
    expect(lineOf({})?.message).toBe("");
    expect(lineOf({ message: { text: "an object" } })?.message).toBe('{"text":"an object"}');
  });

  test("names are at most 256 characters", () => {
    expect(lineOf({ service: "x".repeat(10_000) })?.service).toHaveLength(256);
  });
});

test("a line without a time is none", () => {
  expect(lineOf({ "@timestamp": "later" })).toBeUndefined();
});
