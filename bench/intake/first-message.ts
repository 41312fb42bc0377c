import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { startDeliveryService } from "../../test/helpers/delivery-service.ts";
import { report, round, type Report } from "../report.ts";
import { post, quantile } from "./load.ts";
import { newGroups } from "./webhooks.ts";

const MESSAGES = 200;
const WARM_UP = 20;
/** Milliseconds between a message and the next webhook: the service is at rest again. */
const REST_MS = 60;

/**
 * Measures an idle service on SQLite: from the sending of a webhook to the arrival of the request that tells of it. Every
 * alert is critical and its group new, since what is not critical would soon be summed up as a storm.
 */
export async function measureFirstMessage(): Promise<Report> {
  const receiver = await startReceiver();
  const service = await startDeliveryService({
    destinations: [{ type: "webhook", name: "receiver", url: receiver.url, rate: 6_000 }],
  });
  const pool = new Pool(service.url, { connections: 1 });
  const bodies = newGroups("first", "critical");
  const times: number[] = [];
  try {
    for (let i = 0; i < WARM_UP + MESSAGES; i++) {
      const arrival = once(receiver.server, "request").then(() => performance.now());
      const sent = performance.now();
      const status = await post(pool, bodies(i));
      if (status !== 202) throw new Error(`a webhook was answered ${status}`);
      if (i >= WARM_UP) times.push((await arrival) - sent);
      else await arrival;
      await pause(REST_MS);
    }
  } finally {
    await pool.close();
    await service.close();
    receiver.close();
  }
  return reportOf(times.toSorted((a, b) => a - b));
}

const reportOf = (times: readonly number[]): Report =>
  report([
    {
      what: `from a webhook to the first message's request, p99 of ${times.length}`,
      unit: "ms",
      ours: quantile(times, 0.99),
      figure: "first_message_p99_ms",
      aim: { is: "<", value: 100 },
      note: `p50 ${round(quantile(times, 0.5))} ms`,
    },
  ]);

/** Somebody who takes every message. */
export interface Receiver {
  readonly url: string;
  readonly server: Server;
  close(): void;
}

/** Starts a receiver that answers at once. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(204).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/`, server, close };
}
