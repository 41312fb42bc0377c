import { setTimeout as pause } from "node:timers/promises";
import { startSlackStandIn, type SlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startDeliveryService, type DeliveryService } from "../../test/helpers/delivery-service.ts";
import { printNumber } from "../figures.ts";
import { report, round, type Report } from "../report.ts";
import { residentMemory } from "../usage.ts";
import { sendLoad, type LoadResult } from "./load.ts";
import { changingGroups, newGroups, type Bodies } from "./webhooks.ts";

const ALERTS = 10_000;
/** So many changes of one group come first, so that memory is what it is in a service that has worked. */
const WARM_UP = 3_000;
const CONNECTIONS = 32;
/** In this time the summary of a storm is brought up to date. */
const SUMMARY_MS = 12_000;
const SAMPLE_MS = 100;

/**
 * Measures a storm: 10,000 alerts, each a group of its own, are sent as fast as they are taken, to one channel of Slack
 * with the default settings. What a person sees there is counted: messages, edits of them, and answers under them.
 */
export async function measureStorm(): Promise<Report> {
  const slack = await startSlackStandIn();
  const service = await startDeliveryService({
    destinations: [{ type: "slack", name: "chat", token: slack.token, channel: "#alerts", api_url: slack.url }],
  });
  const { pid } = service.process();
  try {
    await send(service, changingGroups(1, 1), WARM_UP);
    await settle(service);
    const seenBefore = countSeen(slack);
    const before = residentMemory(pid);
    const peak = watchPeak(pid);
    const { accepted, seconds } = await send(service, newGroups("storm", "warning"), ALERTS);
    await settle(service);
    const memory = { before, after: residentMemory(pid), peak: peak() };
    return reportOf({ accepted, seconds, messages: countSeen(slack) - seenBefore, memory });
  } finally {
    await service.close();
    await slack.close();
  }
}

const send = ({ url }: DeliveryService, bodies: Bodies, count: number): Promise<LoadResult> =>
  sendLoad({ urls: [url], connections: CONNECTIONS, bodies, from: 0, count });

/** Nothing waits to be told, and nothing comes after that. */
async function settle(service: DeliveryService): Promise<void> {
  await service.settled(300_000);
  await pause(SUMMARY_MS);
  await service.settled(60_000);
}

const countSeen = (slack: SlackStandIn): number =>
  slack.messages().reduce((sum, { edits, thread }) => sum + 1 + edits.length + thread.length, 0);

/** Looks at the memory of a process every now and then; the result ends that, and gives the most. */
function watchPeak(pid: number): () => number {
  let peak = residentMemory(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMemory(pid));
  }, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

interface Storm {
  readonly accepted: number;
  readonly seconds: number;
  readonly messages: number;
  readonly memory: Readonly<Record<"before" | "after" | "peak", number>>;
}

function reportOf({ accepted, seconds, messages, memory: { before, after, peak } }: Storm): Report {
  const mb = (bytes: number): number => Math.round(bytes / 1e6);
  return report([
    {
      what: `messages, edits and answers in Slack for ${printNumber(accepted)} alerts in ${round(seconds)} s`,
      unit: "",
      ours: messages,
      figure: "storm_messages",
    },
    {
      what: "growth of resident memory in it, at its peak",
      unit: "MB",
      ours: mb(peak - before),
      figure: "storm_rss_growth_mb",
      note: `${mb(before)} MB before, ${mb(after)} MB after`,
    },
  ]);
}
