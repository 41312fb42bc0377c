import { stat } from "node:fs/promises";
import { join } from "node:path";
import { startDeliveryService } from "../../test/helpers/delivery-service.ts";
import { printNumber } from "../figures.ts";
import { report, type Report } from "../report.ts";
import { residentMemory } from "../usage.ts";
import { startReceiver } from "./first-message.ts";
import { sendLoad } from "./load.ts";
import { changingGroups } from "./webhooks.ts";

const ALERTS = 1_000;

/** What a service of one destination holds, in bytes; its file without its log of changes. */
interface Held {
  readonly memory: number;
  readonly file: number;
}

/** Measures the store and the memory of the built service on SQLite after 1,000 alerts were told, and after they ended too. */
export async function measureStoreSize(): Promise<Report> {
  const began = await hold(ALERTS);
  const ended = await hold(2 * ALERTS);
  return report([
    {
      what: `store of ${printNumber(ALERTS)} alerts that began`,
      unit: "MB",
      ours: began.file / 1e6,
      figure: "store_mb_1000_begun",
    },
    { what: "  after they ended", unit: "MB", ours: ended.file / 1e6, figure: "store_mb_1000_ended" },
    { what: "  resident memory then", unit: "MB", ours: ended.memory / 1e6, figure: "rss_mb_1000_ended" },
    { what: "  store of each", unit: "kB", ours: ended.file / ALERTS / 1e3, figure: "store_kb_an_alert" },
  ]);
}

/** The alerts are critical, so that each is told; the second webhook of each says that it ended. */
async function hold(webhooks: number): Promise<Held> {
  const receiver = await startReceiver();
  const service = await startDeliveryService({
    destinations: [{ type: "webhook", name: "receiver", url: receiver.url, rate: 6_000 }],
  });
  try {
    const bodies = changingGroups(1, ALERTS, "critical");
    for (let from = 0; from < webhooks; from += ALERTS) {
      await sendLoad({ urls: [service.url], connections: 8, bodies, from, count: ALERTS });
      await service.settled(120_000);
    }
    const memory = residentMemory(service.process().pid);
    await service.stop();
    return { memory, file: (await stat(join(service.folder, "watchkeeper.db"))).size };
  } finally {
    await service.close();
    receiver.close();
  }
}
