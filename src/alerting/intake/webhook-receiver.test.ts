import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AlertSource, SourceCredential } from "../../core/alerting-config.ts";
import { StoreUnavailable, type GroupWorkResult } from "../../core/delivery-store.ts";
import type { Notification } from "../../core/notification.ts";
import { Secret } from "../../core/secret.ts";
import { createWebhookReceiver } from "./webhook-receiver.ts";

const bearer: SourceCredential = { type: "bearer", token: { value: new Secret("planted-token"), file: undefined } };

const source = (name: string, ...credentials: readonly SourceCredential[]): AlertSource => ({
  name,
  credentials,
  alertmanager: undefined,
  watchdog: undefined,
});

const BODY = Buffer.from(
  JSON.stringify({
    version: "4",
    groupKey: "{}:{}",
    receiver: "chat",
    alerts: [{ status: "firing", labels: { a: "b" }, annotations: {}, startsAt: "2026-01-31T12:00:00Z" }],
  }),
);
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function setUp(sources: readonly AlertSource[], answer: () => Promise<GroupWorkResult> | GroupWorkResult = taken) {
  const notifications: Notification[] = [];
  const told: string[] = [];
  const logged: string[] = [];
  const receiver = createWebhookReceiver({
    sources: () => sources,
    intake: {
      async accept(notification) {
        notifications.push(notification);
        return answer();
      },
    },
    observer: {
      accepted: (name, { isCopy }) => void told.push(`${name} accepted${isCopy ? " copy" : ""}`),
      rejected: (name, reason) => void told.push(`${name} ${reason}`),
    },
    log: { warn: (fields, text) => void logged.push(`${JSON.stringify(fields)} ${text}`) },
    now: () => 1_800_000_000_000,
  });
  const receive = (name: string, headers: Record<string, string> = {}, body = BODY) =>
    receiver.receive({ kind: "alertmanager", source: name, headers, body });
  return { receiver, receive, notifications, told, logged };
}

const taken = (): GroupWorkResult => ({ isCopy: false, changed: 1, destinations: ["chat"] });
const right = { authorization: "Bearer planted-token" };

describe("a webhook", () => {
  it("is taken with its trace and the time of its arrival", async () => {
    const { receive, notifications, told } = setUp([source("main", bearer)]);
    expect(await receive("main", { ...right, traceparent: TRACE })).toEqual({ changed: 1 });
    expect(notifications).toMatchObject([{ source: "main", receivedAt: 1_800_000_000_000, traceparent: TRACE }]);
    expect(told).toEqual(["main accepted"]);
  });

  it.each(["x", `${TRACE}\r\nx`, TRACE.toUpperCase()])("does without a trace such as %j", async (traceparent) => {
    const { receive, notifications } = setUp([source("main")]);
    await receive("main", { traceparent });
    expect(notifications[0]).not.toHaveProperty("traceparent");
  });

  it("is counted as a copy when it is one", async () => {
    const { receive, told } = setUp([source("main")], () => ({ isCopy: true, changed: 0, destinations: [] }));
    expect(await receive("main")).toEqual({ changed: 0 });
    expect(told).toEqual(["main accepted copy"]);
  });

  it("of a source that is not configured is refused, and makes no series", async () => {
    const { receiver, receive, told } = setUp([source("main")]);
    const refusal = {
      reason: "unknown_source",
      message: `There is no source named "other" in alerting.sources of Watchkeeper's configuration.`,
    };
    expect(await receive("other")).toEqual(refusal);
    expect(await receiver.admit({ kind: "alertmanager", source: "other", headers: {} })).toEqual(refusal);
    receiver.refused("other", "too_large");
    expect(told).toEqual([]);
  });

  it.each([{}, { authorization: "Bearer wrong" }, { authorization: "Basic x" }])(
    "without the credential is refused in the same words: %j",
    async (headers: Record<string, string>) => {
      const { receiver, receive, told, notifications } = setUp([source("main", bearer)]);
      const refusal = {
        reason: "unauthorized",
        message: "This source wants a credential: see alerting.sources in Watchkeeper's configuration.",
      };
      expect(await receive("main", headers)).toEqual(refusal);
      expect(await receiver.admit({ kind: "alertmanager", source: "main", headers })).toEqual(refusal);
      expect(told).toEqual(["main unauthorized", "main unauthorized"]);
      expect(notifications).toEqual([]);
    },
  );

  it("with the credential is admitted", async () => {
    const { receiver } = setUp([source("main", bearer)]);
    expect(await receiver.admit({ kind: "grafana", source: "main", headers: right })).toBeUndefined();
  });

  it("that is no notification is explained", async () => {
    const { receive, told } = setUp([source("main")]);
    expect(await receive("main", {}, Buffer.from("[]"))).toMatchObject({
      reason: "bad_notification",
      message: expect.stringContaining("the body: expected an object"),
    });
    expect(told).toEqual(["main bad_notification"]);
  });

  it("that could not be written is to be sent again", async () => {
    const { receive, told } = setUp([source("main")], () => {
      throw new StoreUnavailable("the disk is full");
    });
    expect(await receive("main")).toEqual({
      reason: "unavailable",
      message: "It could not be written: the disk is full.",
    });
    expect(told).toEqual(["main unavailable"]);
  });

  it("that something of ours stumbles over is an error", async () => {
    const { receive } = setUp([source("main")], () => {
      throw new TypeError("broken");
    });
    await expect(receive("main")).rejects.toThrow(TypeError);
  });

  it("is to be sent again when the credential can not be read", async () => {
    const unreadable: SourceCredential = { type: "bearer", token: { value: undefined, file: "/nowhere/token" } };
    const { receive, logged } = setUp([source("main", unreadable)]);
    expect(await receive("main", right)).toEqual({
      reason: "unavailable",
      message: "A credential of this source can not be read.",
    });
    expect(logged.join("\n")).toContain("/nowhere/token is not usable: ENOENT");
    expect(logged.join("\n")).not.toContain("planted-token");
  });
});

describe("a webhook that is signed with its time", () => {
  const signed: SourceCredential = {
    type: "hmac",
    secret: { value: new Secret("key"), file: undefined },
    header: "x-signature",
    timestampHeader: "x-time",
  };
  const headers = {
    "x-time": "1800000000",
    "x-signature": createHmac("sha256", "key").update("1800000000:").update(BODY).digest("hex"),
  };

  it("is taken once", async () => {
    const { receive } = setUp([source("main", signed)]);
    expect(await receive("main", headers)).toEqual({ changed: 1 });
    expect(await receive("main", headers)).toMatchObject({ reason: "unauthorized" });
  });

  it("is taken when it could not be written before", async () => {
    let isFull = true;
    const { receive } = setUp([source("main", signed)], () => {
      if (isFull) throw new StoreUnavailable("the disk is full");
      return taken();
    });
    expect(await receive("main", headers)).toMatchObject({ reason: "unavailable" });
    isFull = false;
    expect(await receive("main", headers)).toEqual({ changed: 1 });
  });

  it("is admitted until its body is there", async () => {
    const { receiver } = setUp([source("main", signed)]);
    expect(await receiver.admit({ kind: "grafana", source: "main", headers })).toBeUndefined();
    expect(await receiver.admit({ kind: "grafana", source: "main", headers: {} })).toMatchObject({
      reason: "unauthorized",
    });
  });
});

describe("the log", () => {
  it("has one line a minute for each source and reason", async () => {
    const { receive, logged } = setUp([source("main", bearer), source("other", bearer)]);
    for (let count = 0; count < 5; count++) {
      await receive("main");
      await receive("other");
      await receive("main", right, Buffer.from("{"));
    }
    expect(logged).toHaveLength(3);
  });

  it("has no secret", async () => {
    const { receive, logged } = setUp([source("main", bearer)]);
    await receive("main", { authorization: "Bearer near-miss-of-planted-token" });
    expect(logged.join("\n")).not.toMatch(/planted/);
  });

  it("tells of a version that is not known", async () => {
    const { receive, logged } = setUp([source("main")]);
    await receive("main", {}, Buffer.from(BODY.toString().replace('"4"', JSON.stringify("5\n evil"))));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain("(5 evil)");
  });
});

it("knows which sources show credentials", () => {
  const { receiver } = setUp([source("main", bearer), source("open")]);
  expect(["main", "open", "other"].map((name) => receiver.hasCredentials(name))).toEqual([true, false, false]);
});
