import { availableParallelism } from "node:os";
import { startDeliveryService, type DeliveryService } from "../../test/helpers/delivery-service.ts";
import type { PostgresServer } from "../../test/helpers/postgres.ts";
import { waitUntil } from "../../test/helpers/wait-until.ts";
import { report, type Report } from "../report.ts";
import { cpuSecondsBelow } from "../usage.ts";
import { startReceiver, type Receiver } from "./first-message.ts";
import { sendLoad } from "./load.ts";
import { newGroups } from "./webhooks.ts";

const REPLICAS = 4;
const GROUPS = 2_000;
const WARM_UP = 500;
const CONNECTIONS = 32;

/**
 * Measures intake and delivery together on PostgreSQL, by one replica and by four: groups in a second, from the first
 * webhook to the arrival of the last group's message. The alerts are critical, so that none is summed up.
 */
export async function measureReplicas(server: PostgresServer): Promise<Report> {
  const one = await run(server, 1);
  const four = await run(server, REPLICAS);
  return report([
    {
      what: `groups taken in and delivered on PostgreSQL by ${REPLICAS} replicas`,
      unit: "groups/s",
      ours: four.rate,
      moreIsBetter: true,
      against: { name: "one replica", value: one.rate },
      ratio: { of: "ours / theirs", figure: "replicas4_vs_1" },
      note: `on ${availableParallelism()} cores that they share with it`,
    },
    {
      what: "  computing by replicas and PostgreSQL for a group",
      unit: "ms",
      ours: four.cpu * 1e3,
      against: { name: "one replica", value: one.cpu * 1e3 },
    },
  ]);
}

/** Groups in a second, and seconds of computing for each. */
async function run(server: PostgresServer, replicas: number): Promise<{ readonly rate: number; readonly cpu: number }> {
  const receiver = await startReceiver();
  const told = new Set<string>();
  receiver.server.on("request", ({ headers }) => told.add(String(headers["idempotency-key"])));
  const services: DeliveryService[] = [];
  try {
    const store = { postgres: { url: await server.createDatabase() } };
    for (let i = 0; i < replicas; i++) services.push(await startReplica(store, receiver));
    const urls = services.map(({ url }) => url);
    await deliver(urls, told, "warm-up", WARM_UP);
    const cpu = cpuSecondsBelow();
    const begun = performance.now();
    await deliver(urls, told, "measured", GROUPS);
    const seconds = (performance.now() - begun) / 1_000;
    return { rate: GROUPS / seconds, cpu: (cpuSecondsBelow() - cpu) / GROUPS };
  } finally {
    await Promise.all(services.map((service) => service.close()));
    receiver.close();
  }
}

/** A destination bears 100 messages in a second at most, whoever sends them. */
const DESTINATIONS = Array.from({ length: 10 }, (_, digit) => ({ name: `receiver-${digit}`, digit }));

function startReplica(store: object, { url }: Receiver): Promise<DeliveryService> {
  const routes = DESTINATIONS.map(({ name, digit }) => ({
    matchers: [`group=~".*${digit}"`],
    destinations: [name],
  }));
  return startDeliveryService({
    config: { store },
    destinations: DESTINATIONS.map(({ name }) => ({ type: "webhook", name, url, rate: 6_000 })),
    alerting: { route: { destinations: ["receiver-0"], routes } },
  });
}

async function deliver(urls: readonly string[], told: Set<string>, prefix: string, count: number): Promise<void> {
  told.clear();
  const bodies = newGroups(prefix, "critical");
  const { accepted } = await sendLoad({ urls, connections: CONNECTIONS, bodies, from: 0, count });
  if (accepted !== count) throw new Error(`${count - accepted} of ${count} webhooks were refused`);
  await waitUntil("every group is told", () => told.size >= count, { deadlineMs: 300_000, everyMs: 5 });
}
