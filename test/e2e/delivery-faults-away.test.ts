import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startMailStandIn } from "../../src/lab/channels/email/mail-stand-in.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { groupWebhook, names, postUntilTaken } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { timeout: 240_000 };
const SETTLE_MS = 150_000;

async function withService(
  destinations: readonly Readonly<Record<string, unknown>>[],
  work: (service: DeliveryService) => Promise<void>,
): Promise<void> {
  const service = await startDeliveryService({
    destinations,
    alerting: { storm: { new_per_minute: 10_000 } },
  });
  try {
    await work(service);
  } finally {
    await service.close();
  }
}

const webhook = (name: string, url: string) => ({ type: "webhook", name, url, rate: 6_000 });

// most of the time they wait, so they do it together
describe.concurrent("a destination", () => {
  it("that is away is hardly asked, and gets what is true when it is back", PATIENCE, async () => {
    const receiver = await startWebhookStandIn();
    await withService([webhook("away", receiver.url)], async (service) => {
      const groups = names("away", 50);
      await receiver.setFault({ kind: "status", status: 503 });
      await Promise.all(groups.map((name) => postUntilTaken(service, groupWebhook(name))));
      await waitUntil(
        "it counts as broken",
        async () => ((await service.metric("watchkeeper_destination_broken", { destination: "away" })) ?? 0) > 0,
      );
      const until = performance.now() + 15_000;
      const over = groups.slice(0, 10);
      await Promise.all(over.map((name) => postUntilTaken(service, groupWebhook(name, { isFiring: false }))));
      await pause(Math.max(0, until - performance.now()));
      // five failures, as many more as were under way, and a few probes: not one for each conversation
      expect(receiver.requests.length).toBeLessThan(20);
      await receiver.setFault(undefined);
      await service.settled(SETTLE_MS);
      const open = receiver.messages().filter(({ isClosed }) => isClosed === false);
      expect(open).toHaveLength(groups.length - over.length);
      expect([...receiver.copies().values()].every((count) => count === 1)).toBe(true);
      // 503 is no proof that nothing was taken: what was tried is closed, the others were never told
      expect(receiver.messages().length - open.length).toBeLessThan(20);
    });
    await receiver.close();
  });

  it("that accepts connections and never answers is tried again, and delays no other", PATIENCE, async () => {
    const [frozen, well] = [await startWebhookStandIn(), await startWebhookStandIn()];
    await withService([webhook("frozen", frozen.url), webhook("well", well.url)], async (service) => {
      await frozen.setFault({ kind: "hang" });
      const groups = names("frozen", 6);
      await Promise.all(groups.map((name) => postUntilTaken(service, groupWebhook(name))));
      await waitUntil("the others are told", () => well.bodies.length === groups.length, { deadlineMs: 60_000 });
      expect(frozen.bodies).toEqual([]);
      await waitUntil(
        "an attempt's time is up",
        async () =>
          ((await service.metric("watchkeeper_delivery_failures_total", {
            destination: "frozen",
            reason: "timeout",
          })) ?? 0) > 0,
        { deadlineMs: 60_000 },
      );
      await frozen.setFault(undefined);
      await service.settled(SETTLE_MS);
      expect(frozen.bodies).toHaveLength(groups.length);
      expect([...well.copies().values()]).toEqual(groups.map(() => 1));
    });
    await Promise.all([frozen.close(), well.close()]);
  });

  it("that takes a mail and does not say so gets the same mail again", PATIENCE, async () => {
    const mail = await startMailStandIn();
    const folder = await createTemporaryFolder("mail-authority");
    const caFile = join(folder.path, "ca.pem");
    await writeFile(caFile, mail.caPem);
    const people = { from: "alerts@example.org", to: ["on-call@example.org"] };
    const destination = { type: "email", name: "mail", host: "127.0.0.1", port: mail.port, ca_file: caFile, ...people };
    await withService([destination], async (service) => {
      mail.setTrouble({ kind: "drop_after_data", isKept: true });
      await postUntilTaken(service, groupWebhook("mail"));
      await waitUntil("the mail is there", () => mail.mails().length === 1, { deadlineMs: 60_000 });
      // the next attempt hangs, and dies with the process
      mail.setTrouble({ kind: "hang_after_data" });
      await waitUntil("it is tried again", () => mail.connections() > 0, { deadlineMs: 60_000 });
      await service.kill();
      mail.setTrouble(undefined);
      await service.start();
      await service.settled(SETTLE_MS);
      const [first, ...others] = mail.mails();
      expect(others).toEqual([]);
      expect(mail.copies(first?.messageId ?? "")).toBeGreaterThanOrEqual(2);
    });
    await mail.close();
    await folder.remove();
  });
});
