import { randomUUID } from "node:crypto";
import { testMessage } from "../../alerting/messages/test-message.ts";
import { asDeliveryError, DeliveryError } from "../../core/delivery-errors.ts";
import { formatDuration } from "../../core/duration.ts";
import type { DeliveryReceipt, DeliveryRequest, Destination, Notifier, RemoteRef } from "../../core/notifier.ts";
import { failureReport, type FailureReport } from "./destination-report.ts";

/** What came of one step of a test. */
export interface TestStep {
  readonly action: "open" | "close";
  readonly tookMs: number;
  /** What the destination answered; absent when the step failed. */
  readonly answer?: string;
  readonly failure?: FailureReport;
}

/**
 * Sends a labelled test message to a destination and then closes it, as an alert that is over is. Each is one attempt;
 * a message that did not arrive is not closed. Nothing is kept of it.
 */
export async function testDestination(destination: Destination, externalUrl: string): Promise<readonly TestStep[]> {
  const began = Date.now();
  const key = `test-${randomUUID()}`;
  let notifier: Notifier | undefined;
  let remote: RemoteRef | undefined;
  const step = (action: TestStep["action"]): Promise<TestStep> =>
    timed(action, async () => {
      notifier ??= await destination.open({ externalUrl });
      const over = action === "close" ? { over: Date.now() } : {};
      const receipt = await deliver(notifier, destination, {
        action,
        message: testMessage({ destination: destination.name, externalUrl, began, ...over }),
        remote,
        idempotencyKey: `${key}-${action}`,
        threadKey: key,
        mayRepeat: false,
        plain: false,
      });
      remote = receipt.remote;
      return receipt.answer;
    });
  try {
    const opened = await step("open");
    return opened.failure === undefined ? [opened, await step("close")] : [opened];
  } finally {
    await notifier?.close();
  }
}

async function timed(action: TestStep["action"], work: () => Promise<string>): Promise<TestStep> {
  const begun = performance.now();
  try {
    const answer = await work();
    return { action, tookMs: performance.now() - begun, answer };
  } catch (thrown) {
    const { reason, message } = asDeliveryError(thrown);
    return { action, tookMs: performance.now() - begun, failure: failureReport(reason, message) };
  }
}

/** One attempt with the destination's own time limit, whether or not the notifier heeds it. */
async function deliver(
  notifier: Notifier,
  { policy: { timeout } }: Destination,
  request: Omit<DeliveryRequest, "signal">,
): Promise<DeliveryReceipt> {
  const ending = new AbortController();
  const late = new DeliveryError("timeout", `no answer within ${formatDuration(timeout)}`);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(late);
    ending.abort(late);
  }, timeout);
  try {
    return await Promise.race([notifier.deliver({ ...request, signal: ending.signal }), promise]);
  } finally {
    clearTimeout(timer);
  }
}
