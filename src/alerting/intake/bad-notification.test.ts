import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { least, read } from "./__fixtures__/bodies.ts";
import { BadNotification } from "./bad-notification.ts";

/** What was read, or why it was not. */
function outcome(body: unknown, kind: "alertmanager" | "grafana" = "alertmanager") {
  try {
    return read(body, kind).notification;
  } catch (thrown) {
    if (thrown instanceof BadNotification) return thrown.message;
    throw thrown;
  }
}

describe("what is no notification", () => {
  it.each([
    ["", "The body is empty."],
    ["{", "The body is not JSON."],
  ])("%j: %s", (text, expected) => {
    expect(outcome(Buffer.from(text))).toBe(expected);
  });

  const HINT =
    " When the webhook_config has a `payload` of its own, take it out: Watchkeeper reads Alertmanager's own form.";

  it.each([
    [[], `the body: expected an object.${HINT}`],
    [null, `the body: expected an object.${HINT}`],
    [{ text: "something fires" }, `groupKey: expected a text.${HINT}`],
    [least({ groupKey: "" }), `groupKey: must not be empty.${HINT}`],
    [least({ alerts: {} }), `alerts: expected a list.${HINT}`],
    [least({ truncatedAlerts: -1 }), `truncatedAlerts: must not be negative.${HINT}`],
    [least({ truncatedAlerts: "1" }), `truncatedAlerts: expected a whole number.${HINT}`],
    [least({ groupLabels: { a: 1 } }), "groupLabels.a: expected a text."],
    [least({}, {}, { startsAt: "yesterday" }), "alerts[1].startsAt: expected a time such as 2026-01-31T12:00:00Z."],
    [
      least({}, { startsAt: "2026-02-30T12:00:00Z" }),
      "alerts[0].startsAt: expected a time such as 2026-01-31T12:00:00Z.",
    ],
    [least({}, { startsAt: 5 }), "alerts[0].startsAt: expected a time such as 2026-01-31T12:00:00Z."],
    [
      least({}, { startsAt: "0001-01-01T00:00:00Z" }),
      "alerts[0].startsAt: expected the time at which the alert began, not the zero time.",
    ],
    [least({}, { endsAt: "soon" }), "alerts[0].endsAt: expected a time such as 2026-01-31T12:00:00Z."],
    [least({}, { status: "ok" }), 'alerts[0].status: expected "firing" or "resolved".'],
    [least({}, { labels: ["a"] }), "alerts[0].labels: expected an object whose values are texts."],
    [least({}, { labels: { "a b": 1 } }), 'alerts[0].labels["a b"]: expected a text.'],
    [least({}, { annotations: "x" }), "alerts[0].annotations: expected an object whose values are texts."],
  ])("%j is explained", (body, expected) => {
    expect(outcome(body)).toBe(`This is not a notification of Alertmanager (version 4): ${expected}`);
  });

  it("is explained in Grafana's words at its address", () => {
    expect(outcome({ title: "x" }, "grafana")).toBe(
      "This is not a notification of Grafana: groupKey: expected a text. When the contact point has a custom payload, take it out: Watchkeeper reads Grafana's own form.",
    );
  });

  it("shows neither a value nor a long name", () => {
    const message = JSON.stringify(outcome(least({}, { labels: { ["n".repeat(5_000)]: 4242 } })));
    expect(message).toContain("labels");
    expect(message).not.toContain("4242");
    expect(message.length).toBeLessThan(400);
  });
});

describe("hostile input", () => {
  it("changes no prototype", () => {
    const body = Buffer.from(
      JSON.stringify(least({}, { labels: { alertname: "x" } })).replace(
        '"alertname":"x"',
        '"alertname":"x","__proto__":"y","constructor":"z","toString":"t"',
      ),
    );
    const { labels } = read(body).notification.alerts[0] ?? { labels: {} };
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
    expect(Object.entries(labels)).toEqual([
      ["alertname", "x"],
      ["constructor", "z"],
      ["toString", "t"],
    ]);
    const outer = Buffer.from(`{"__proto__":{"groupKey":"x","alerts":[]},"constructor":{"prototype":{"polluted":1}}}`);
    expect(outcome(outer)).toContain("groupKey");
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("may be nested deeply", () => {
    const deep = Buffer.from(`{"groupKey":"x","alerts":[],"deep":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
    expect(outcome(deep)).toMatchObject({ groupKey: "x", alerts: [] });
  });

  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom("https://x.example.org/a?b#c", "http://[::1", "//x", "javascript:x", "http://x/\ud83d", "\u0000"),
  );
  const texts = fc.dictionary(fc.oneof(text, fc.constantFrom("runbook_url", "dashboard_url", "value")), text, {
    maxKeys: 4,
  });
  const alertBody = fc.record(
    {
      status: fc.constantFrom("firing", "resolved"),
      labels: texts,
      annotations: fc.option(texts),
      startsAt: fc.constantFrom(
        "2026-01-31T12:00:00Z",
        "2024-02-29T23:59:59.999999999-11:30",
        "0001-01-01T00:00:00Z",
        "x",
      ),
      endsAt: fc.option(fc.constantFrom("0001-01-01T00:00:00Z", "2026-01-31T12:00:00Z")),
      generatorURL: fc.option(text),
      fingerprint: fc.option(text),
      panelURL: fc.option(text),
      values: fc.option(fc.dictionary(text, fc.oneof(fc.double(), text), { maxKeys: 3 })),
    },
    { requiredKeys: ["status", "labels", "startsAt"] },
  );
  const groupBody = fc.record({
    groupKey: fc.oneof(text, fc.integer()),
    externalURL: fc.option(text),
    receiver: text,
    alerts: fc.array(alertBody, { maxLength: 3 }),
  });

  it("is read or explained, whatever it is", () => {
    const bytes = fc.oneof(
      { weight: 1, arbitrary: fc.json({ maxDepth: 2 }).map((json) => Buffer.from(json)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)) },
      { weight: 4, arbitrary: groupBody.map((body) => Buffer.from(JSON.stringify(body))) },
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom("alertmanager" as const, "grafana" as const), (body, kind) => {
        const told = outcome(body, kind);
        expect(outcome(body, kind)).toEqual(told);
        const links = typeof told === "string" ? [] : told.alerts.flatMap((one) => Object.values(one.links));
        for (const link of links) expect(link).toMatch(/^https?:\/\/[!-~]+$/);
      }),
      { numRuns: 300 },
    );
  });
});
