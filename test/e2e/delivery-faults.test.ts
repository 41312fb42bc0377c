import { afterEach, describe, expect, it } from "vitest";
import type { LabAnswer, LabRequest } from "../../src/lab/exchange.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { runCampaign } from "../faults/campaign.ts";
import { groupWebhook, names } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** How many deliveries may be under way at a destination of the type `webhook`. */
const CONCURRENCY = 4;

/** A request as a receiver sees it. */
interface Arrival {
  readonly at: number;
  readonly key: string;
  readonly status: number;
}

let service: DeliveryService | undefined;
let receiver: LabServer | undefined;
afterEach(async () => {
  await service?.close();
  await receiver?.close();
  service = receiver = undefined;
});

/** Starts the service with one destination, which answers as it is told. */
async function start(answer: (request: LabRequest, before: readonly Arrival[]) => LabAnswer | Promise<LabAnswer>) {
  const arrivals: Arrival[] = [];
  receiver = await startLabServer({
    handler: async (request) => {
      const at = performance.now();
      const given = await answer(request, arrivals);
      arrivals.push({ at, key: String(request.headers["idempotency-key"]), status: given.status });
      return given;
    },
  });
  service = await startDeliveryService({
    destinations: [{ type: "webhook", name: "receiver", url: receiver.url, rate: 6_000 }],
    alerting: { storm: { new_per_minute: 10_000 } },
  });
  return { service, arrivals };
}

const taken = (arrivals: readonly Arrival[]): readonly string[] =>
  arrivals.filter(({ status }) => status === 202).map(({ key }) => key);

const postAll = (target: DeliveryService, groups: readonly string[]): Promise<readonly unknown[]> =>
  Promise.all(groups.map(async (name) => (await target.post(groupWebhook(name))).status));

describe("a campaign of kills and outages", () => {
  it("loses nothing and tells nothing in the wrong order", { timeout: 300_000 }, async () => {
    const { figures, complaints } = await runCampaign({ kills: 15, store: "sqlite", seed: 7, groups: 60 });
    expect(complaints).toEqual([]);
    expect(figures).toMatchObject({ kills: 15, lost: 0, out_of_order: 0 });
    expect(figures.accepted).toBeGreaterThan(60);
    expect(figures.delivered).toBeGreaterThan(60);
  });
});

describe("a service that is told to stop", () => {
  it("finishes what is under way, and goes on with the rest when it is started again", async () => {
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>();
    let begun = 0;
    const { service, arrivals } = await start(async () => {
      begun += 1;
      await goOn;
      return { status: 202 };
    });
    const groups = names("stop", 12);
    expect(await postAll(service, groups)).toEqual(groups.map(() => 202));
    await waitUntil("deliveries are under way", () => begun === CONCURRENCY);
    service.process().signal("SIGTERM");
    // what it takes in its last moments is not lost either
    const late: string[] = [];
    await waitUntil("it takes nothing more", async () => {
      const name = `late-${late.length}`;
      const isTaken = (await service.post(groupWebhook(name))).status === 202;
      if (isTaken) late.push(name);
      return !isTaken;
    });
    letGoOn();
    expect(await service.process().ended).toEqual({ code: 0, signal: null });
    expect(arrivals).toHaveLength(CONCURRENCY);
    await service.start();
    await service.settled(60_000);
    expect(new Set(taken(arrivals)).size).toBe(groups.length + late.length);
    expect(arrivals).toHaveLength(groups.length + late.length);
  });

  it("does not wait for ever for a destination that never answers", { timeout: 120_000 }, async () => {
    let isHanging = true;
    let begun = 0;
    const { service, arrivals } = await start(async () => {
      begun += 1;
      // oxlint-disable-next-line promise/avoid-new -- it is never to be answered
      if (isHanging) await new Promise(() => undefined);
      return { status: 202 };
    });
    await postAll(service, ["hang"]);
    await waitUntil("a delivery is under way", () => begun === 1);
    const asked = performance.now();
    service.process().signal("SIGTERM");
    expect(await service.process().ended).toEqual({ code: 0, signal: null });
    // ten seconds of grace, or the attempt's own 15 s would be over first
    expect(performance.now() - asked).toBeLessThan(14_000);
    isHanging = false;
    await service.start();
    await service.settled(60_000);
    expect(arrivals).toHaveLength(1);
  });
});

describe("a destination that says that it is too much", () => {
  it("is left alone for as long as it asks", { timeout: 120_000 }, async () => {
    const pauseMs = 3_000;
    const { service, arrivals } = await start((_, before) =>
      before.length < CONCURRENCY || (before.length > 10 && before.length < 14)
        ? { status: 429, headers: { "retry-after": String(pauseMs / 1_000) } }
        : { status: 202 },
    );
    const groups = names("many", 30);
    await postAll(service, groups);
    await service.settled(60_000);
    const refusals = arrivals.filter(({ status }) => status === 429);
    expect(refusals.length).toBeGreaterThanOrEqual(CONCURRENCY);
    for (const { at } of refusals) {
      const meanwhile = arrivals.filter((other) => other.at > at && other.at < at + pauseMs - 100);
      // what was under way already can not be called back
      expect(meanwhile.length).toBeLessThan(CONCURRENCY);
    }
    expect(new Set(taken(arrivals)).size).toBe(groups.length);
    expect(taken(arrivals)).toHaveLength(groups.length);
  });
});
