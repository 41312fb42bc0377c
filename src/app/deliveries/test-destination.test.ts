import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { milliseconds, seconds } from "../../core/duration.ts";
import type { DeliveryReceipt, DeliveryRequest, Destination } from "../../core/notifier.ts";
import { testDestination } from "./test-destination.ts";

interface Seen {
  readonly requests: DeliveryRequest[];
  closed: number;
}

function destinationOf(
  deliver: (request: DeliveryRequest) => Promise<DeliveryReceipt>,
  timeout = seconds(5),
): { destination: Destination; seen: Seen } {
  const seen: Seen = { requests: [], closed: 0 };
  const destination: Destination = {
    name: "chat",
    type: "fake",
    policy: { rate: { perSecond: 1, burst: 1 }, concurrency: 1, timeout, giveUpAfter: seconds(60) },
    open: async () => ({
      deliver: (request) => {
        seen.requests.push(request);
        return deliver(request);
      },
      close: async () => void seen.closed++,
    }),
  };
  return { destination, seen };
}

const URL = "https://watchkeeper.example.org";

describe("the test of a destination", () => {
  it("sends a message that is labelled as a test, and closes it by what came back", async () => {
    const { destination, seen } = destinationOf(async ({ action }) => ({
      remote: { ts: action },
      answer: `did ${action}`,
    }));
    expect(await testDestination(destination, URL)).toMatchObject([
      { action: "open", answer: "did open" },
      { action: "close", answer: "did close" },
    ]);
    const [open, close] = seen.requests;
    expect(open).toMatchObject({ remote: undefined, message: { kind: "test", status: "firing", severity: "info" } });
    expect(open?.message.title).toBe("Test of the destination chat: nothing is wrong");
    expect(close).toMatchObject({ remote: { ts: "open" }, message: { kind: "test", status: "resolved" } });
    expect(close?.threadKey).toBe(open?.threadKey);
    expect(close?.message.groupKey).toBe(open?.message.groupKey);
    expect(close?.idempotencyKey).not.toBe(open?.idempotencyKey);
    expect(seen.closed).toBe(1);
  });

  it("says what went wrong and what to do, and closes nothing that did not arrive", async () => {
    const { destination, seen } = destinationOf(async () => {
      throw new DeliveryError("forbidden", "chat.postMessage: not_in_channel");
    });
    expect(await testDestination(destination, URL)).toMatchObject([
      {
        action: "open",
        failure: {
          reason: "forbidden",
          detail: "chat.postMessage: not_in_channel",
          action: expect.stringContaining("inviting the Slack app"),
        },
      },
    ]);
    expect([seen.requests.length, seen.closed]).toEqual([1, 1]);
  });

  it("ends in time when the destination does not answer", async () => {
    const { destination, seen } = destinationOf(() => new Promise(() => undefined), milliseconds(20));
    expect(await testDestination(destination, URL)).toMatchObject([
      { failure: { reason: "timeout", detail: "no answer within 20ms" } },
    ]);
    expect(seen.requests[0]?.signal.aborted).toBe(true);
  });

  it("reports a destination that can not be opened", async () => {
    const { destination } = destinationOf(async () => ({ remote: {}, answer: "" }));
    const unreadable: Destination = {
      ...destination,
      open: async () => {
        throw new DeliveryError("credential_unreadable", "token: ENOENT");
      },
    };
    expect(await testDestination(unreadable, URL)).toMatchObject([{ failure: { reason: "credential_unreadable" } }]);
  });
});
