import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import SQLite from "better-sqlite3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startWebhookStandIn, type WebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { groupWebhook, names, postUntilTaken } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { fillDisk, smallDisk } from "../helpers/small-disk.ts";
import { waitUntil } from "../helpers/wait-until.ts";

let folder: TemporaryFolder;
let receiver: WebhookStandIn;
let service: DeliveryService;
beforeAll(async () => {
  folder = await createTemporaryFolder("delivery-disk");
});
afterAll(() => folder.remove());
beforeEach(async () => {
  receiver = await startWebhookStandIn();
});
afterEach(async () => {
  await service?.close();
  await receiver.close();
});

const start = (path: string, wrapper: readonly string[] = []): Promise<DeliveryService> =>
  startDeliveryService({
    destinations: [{ type: "webhook", name: "receiver", url: receiver.url, rate: 6_000 }],
    alerting: { storm: { new_per_minute: 10_000 } },
    config: { store: { sqlite: { path } } },
    wrapper,
  });

const status = async (name: string): Promise<number | undefined> => (await service.post(groupWebhook(name))).status;

/** What the receiver was told of, each name as often as it was told. */
const told = (): readonly string[] =>
  receiver.bodies.map(({ groupKey }) => /group="([^"]+)"/.exec(groupKey)?.[1] ?? groupKey).toSorted();

const disk = smallDisk(tmpdir(), 1);
describe(
  "a disk that is full",
  disk.impossible === undefined ? {} : { skip: true, meta: { skipReason: disk.impossible } },
  () => {
    it(
      "takes nothing more, delivers what it took, and goes on by itself when there is room",
      { timeout: 120_000 },
      async () => {
        service = await start(join(folder.path, "watchkeeper.db"), smallDisk(folder.path, 24).wrapper);
        const accepted = [...names("before", 20)];
        for (const name of accepted) expect(await status(name)).toBe(202);
        // what was accepted and waits has to be delivered from the full disk
        await receiver.setFault({ kind: "status", status: 429, headers: { "retry-after": "2" } });
        for (const name of names("waiting", 20)) accepted.push(...((await status(name)) === 202 ? [name] : []));
        const free = await fillDisk(service.process().pid, folder.path);
        const refusals: (number | undefined)[] = [];
        for (const name of names("full", 500)) {
          const answer = await status(name);
          if (answer === 202) accepted.push(name);
          else refusals.push(answer);
          if (refusals.length === 3) break;
        }
        expect(refusals).toEqual([503, 503, 503]);
        await receiver.setFault(undefined);
        await waitUntil("what was accepted is delivered", () => receiver.bodies.length >= accepted.length, {
          deadlineMs: 60_000,
        });
        expect(await status("still-full")).toBe(503);
        await free();
        await postUntilTaken(service, groupWebhook("after"));
        await service.settled(60_000);
        expect(told()).toEqual([...accepted, "after"].toSorted());
        expect([...receiver.copies().values()].every((count) => count === 1)).toBe(true);
      },
    );
  },
);

describe("a database that another process has locked", () => {
  it("is waited for, and refuses for a while what would wait too long", { timeout: 120_000 }, async () => {
    const path = join(folder.path, "locked.db");
    service = await start(path);
    await postUntilTaken(service, groupWebhook("first"));
    await service.settled(60_000);
    const other = new SQLite(path);
    other.exec("begin immediate");
    const short = status("short");
    await pause(3_000);
    other.exec("commit");
    expect(await short).toBe(202);

    other.exec("begin immediate");
    const until = performance.now() + 12_000;
    expect(await status("long")).toBe(503);
    expect(performance.now()).toBeLessThan(until);
    await pause(Math.max(0, until - performance.now()));
    other.exec("commit");
    other.close();
    await postUntilTaken(service, groupWebhook("long"));
    await service.settled(60_000);
    expect(told()).toEqual(["first", "long", "short"]);
    expect([...receiver.copies().values()]).toEqual([1, 1, 1]);
  });
});
