import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startWebhookStandIn, type WebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { groupWebhook, names, postUntilTaken } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const DAY_MS = 86_400_000;

describeReal("a clock that jumps by a day", ["libfaketimeMT.so.1"], (paths) => {
  let folder: TemporaryFolder;
  let receiver: WebhookStandIn;
  let service: DeliveryService;
  const jump = (offset: string): Promise<void> => writeFile(join(folder.path, "offset"), offset);

  beforeAll(async () => {
    folder = await createTemporaryFolder("clock");
    await jump("+0d");
    receiver = await startWebhookStandIn({ toleranceSeconds: Number.MAX_SAFE_INTEGER });
    service = await startDeliveryService({
      destinations: [{ type: "webhook", name: "receiver", url: receiver.url, rate: 6_000, give_up_after: "10m" }],
      // https://github.com/wolfcw/libfaketime#advanced-features
      env: {
        LD_PRELOAD: paths["libfaketimeMT.so.1"],
        FAKETIME_TIMESTAMP_FILE: join(folder.path, "offset"),
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
  });
  afterAll(async () => {
    await service?.close();
    await receiver?.close();
    await folder?.remove();
  });

  const failures = async (): Promise<number> =>
    (await service.metric("watchkeeper_delivery_failures_total", {
      destination: "receiver",
      reason: "server_error",
    })) ?? 0;
  const dead = (): Promise<number | undefined> =>
    service.metric("watchkeeper_deliveries_dead_total", { destination: "receiver" });

  const serviceTime = async (): Promise<number> => {
    const { headers, body } = await request(`${service.url}/-/healthy`);
    await body.dump();
    return Date.parse(String(headers.date));
  };

  /** Has some groups wait in vain while the clock jumps, and sees that all of them arrive. */
  async function waitThrough(groups: readonly string[], offset: "+1d" | "+0d"): Promise<void> {
    const before = await failures();
    await receiver.setFault({ kind: "status", status: 503 });
    await Promise.all(groups.map((name) => postUntilTaken(service, groupWebhook(name))));
    await waitUntil("each was tried in vain", async () => (await failures()) >= before + groups.length);
    const wasAt = await serviceTime();
    await jump(offset);
    await waitUntil("its clock jumps", async () => Math.abs((await serviceTime()) - wasAt) > DAY_MS / 2);
    await receiver.setFault(undefined);
    await service.settled(90_000);
  }

  const timesTold = (name: string): number =>
    receiver.bodies.filter(({ groupKey }) => groupKey.includes(`"${name}"`)).length;

  it("ahead gives up nothing that waits", async () => {
    const groups = names("ahead", 4);
    await waitThrough(groups, "+1d");
    expect(await dead()).toBe(0);
    expect(groups.map(timesTold)).toEqual(groups.map(() => 1));
  });

  it("back parks nothing, and what was told by the old time is closed by the new one", async () => {
    const groups = names("back", 4);
    await waitThrough(groups, "+0d");
    expect(await dead()).toBe(0);
    expect(groups.map(timesTold)).toEqual(groups.map(() => 1));
    const all = [...names("ahead", 4), ...groups];
    for (const name of all) await postUntilTaken(service, groupWebhook(name, { isFiring: false }));
    await service.settled(90_000);
    expect(receiver.messages().map(({ isClosed }) => isClosed)).toEqual(all.map(() => true));
  });
});
