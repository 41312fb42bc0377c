import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startWebhookStandIn, type WebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { groupWebhook, names, postUntilTaken } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** How many deliveries a replica may have under way at the receiver. */
const CONCURRENCY = 4;

describeReal("delivery over PostgreSQL", ["postgres", "initdb"], () => {
  let server: PostgresServer;
  let receiver: WebhookStandIn;
  const services: DeliveryService[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    receiver = await startWebhookStandIn();
  });
  afterEach(async () => {
    await server.resume();
    await Promise.all(services.splice(0).map((service) => service.close()));
    await receiver.close();
  });

  async function start(url: string): Promise<DeliveryService> {
    const service = await startDeliveryService({
      destinations: [{ type: "webhook", name: "receiver", url: receiver.url, rate: 6_000 }],
      alerting: { storm: { new_per_minute: 10_000 } },
      config: { store: { postgres: { url } } },
    });
    services.push(service);
    return service;
  }

  /** The groups that the receiver was told of. */
  const told = (): readonly (string | undefined)[] =>
    receiver.bodies.map(({ groupKey }) => /group="([^"]+)"/.exec(groupKey)?.[1]).toSorted();
  /** How many messages came again. */
  const doubled = (): number => [...receiver.copies().values()].reduce((sum, count) => sum + count - 1, 0);

  it("outlives the server's restart, and its silence", async () => {
    const service = await start(await server.createDatabase());
    const before = names("restart", 40);
    const posts = before.map((name) => postUntilTaken(service, groupWebhook(name)));
    await waitUntil("deliveries go on", () => receiver.bodies.length > 0, { deadlineMs: 60_000 });
    await server.restart();
    await Promise.all(posts);
    await service.settled(60_000);
    expect(told()).toEqual(before.toSorted());
    expect(doubled()).toBeLessThanOrEqual(2 * CONCURRENCY);

    await server.pause();
    expect((await service.post(groupWebhook("silence"))).status).toBe(503);
    await server.resume();
    await postUntilTaken(service, groupWebhook("silence"));
    await service.settled(60_000);
    expect(told()).toEqual([...before, "silence"].toSorted());
    expect(doubled()).toBeLessThanOrEqual(2 * CONCURRENCY);
  });

  it("goes on in the other replica when one is killed", async () => {
    const url = await server.createDatabase();
    const [first, second] = [await start(url), await start(url)];
    await receiver.setFault({ kind: "hang" });
    const groups = names("replica", 24);
    await Promise.all(groups.map((name, i) => postUntilTaken(i % 2 === 0 ? first : second, groupWebhook(name))));
    await waitUntil("both deliver", () => receiver.requests.length >= 2 * CONCURRENCY, { deadlineMs: 60_000 });
    await first.kill();
    await receiver.setFault(undefined);
    const isLeased = CONCURRENCY;
    await waitUntil("what was not under way is delivered", () => receiver.bodies.length >= groups.length - isLeased, {
      deadlineMs: 60_000,
    });
    // the dead replica's leases are over after the attempt's own time and a minute
    await second.settled(110_000);
    expect(told()).toEqual(groups.toSorted());
    expect(doubled()).toBeLessThanOrEqual(CONCURRENCY);
  }, 240_000);
});
