import { setTimeout as pause } from "node:timers/promises";
import { startPagerDutyStandIn } from "../../src/lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import type { ChannelStandIn } from "../../src/lab/channels/stand-in.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { startPostgres } from "../helpers/postgres.ts";
import { tally, type Tally } from "./count.ts";
import { startOutages } from "./outages.ts";
import { createRandom, type Random } from "./random.ts";
import { startSender } from "./sender.ts";

/** What a campaign is run with. */
export interface CampaignOptions {
  readonly kills: number;
  readonly store: "sqlite" | "postgres";
  readonly seed: number;
  /** 200 unless given. */
  readonly groups?: number;
  /** Hears where the campaign is, every now and then. */
  readonly onProgress?: (text: string) => void;
}

/** What a campaign found, by the names that last. */
export interface CampaignFigures {
  readonly kills: number;
  /** Notifications that were answered with 202. */
  readonly accepted: number;
  /** Messages, edits, answers and requests that the stand-ins took. */
  readonly delivered: number;
  readonly duplicated: number;
  readonly out_of_order: number;
  readonly lost: number;
  readonly collapsed: number;
}

/** The figures, and what stands behind them. */
export interface CampaignReport {
  readonly figures: CampaignFigures;
  readonly outages: number;
  readonly byChannel: readonly (Tally & { readonly title: string })[];
  /** A line for each thing that must not be. */
  readonly complaints: readonly string[];
}

/** A group changes about every five seconds: with 200 of them that is 40 notifications a second, and their copies. */
const REST_MS = 5_000;
const FINISH_MS = 120_000;
/** The longest backoff is five minutes, and a lease in PostgreSQL outlives its owner by a minute. */
const SETTLE_MS = 420_000;

/**
 * Runs the built service through kills and outages, heals all, and counts from the stand-ins' records what came of it.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { kills, store, seed, groups = 200, onProgress = () => undefined } = options;
  const channels = await startChannels();
  const database = store === "postgres" ? await startPostgres() : undefined;
  try {
    const service = await startDeliveryService({
      destinations: destinationsOf(channels),
      alerting: { storm: { new_per_minute: 10_000 } },
      ...(database && { config: { store: { postgres: { url: database.url } } } }),
    });
    try {
      const sender = startSender({ groups, seed, restMs: REST_MS, post: (body) => service.post(body) });
      const outages = all(channels).map((channel, i) => startOutages(channel, createRandom(seed + i + 1)));
      await killAgainAndAgain(service, { kills, random: createRandom(seed + 100), onProgress });
      await Promise.all(outages.map((one) => one.heal()));
      await sender.finish(FINISH_MS);
      onProgress("all is well again: what waits is delivered");
      const late = await service.settled(SETTLE_MS).catch((error: unknown) => [String(error)]);
      const copies = [...channels.webhook.copies().values()];
      const tallies = all(channels).map((channel) => ({
        title: channel.title,
        ...withCopies(tally(channel, sender.groups), channel === channels.webhook ? copies : []),
      }));
      const sum = (pick: (one: Tally) => number): number => tallies.reduce((total, one) => total + pick(one), 0);
      return {
        figures: {
          kills,
          accepted: sender.accepted(),
          delivered: sum(({ delivered }) => delivered),
          duplicated: sum(({ duplicated }) => duplicated),
          out_of_order: sum(({ outOfOrder }) => outOfOrder),
          lost: sum(({ lost }) => lost),
          collapsed: sum(({ collapsed }) => collapsed),
        },
        outages: outages.reduce((total, one) => total + one.count(), 0),
        byChannel: tallies,
        complaints: [...(late ?? []), ...tallies.flatMap(({ complaints }) => complaints)],
      };
    } finally {
      await service.close();
    }
  } finally {
    await database?.stop();
    await Promise.all(all(channels).map((channel) => channel.close()));
  }
}

type Channels = Awaited<ReturnType<typeof startChannels>>;

const startChannels = async () => ({
  slack: await startSlackStandIn(),
  pagerDuty: await startPagerDutyStandIn(),
  webhook: await startWebhookStandIn(),
});

const all = ({ slack, pagerDuty, webhook }: Channels): readonly ChannelStandIn[] => [slack, pagerDuty, webhook];

/** As fast as the configuration lets them be. */
const destinationsOf = ({ slack, pagerDuty, webhook }: Channels) => [
  { type: "slack", name: "slack", rate: 6_000, token: slack.token, channel: "#alerts", api_url: slack.url },
  { type: "pagerduty", name: "pagerduty", rate: 6_000, routing_key: "0".repeat(32), api_url: pagerDuty.url },
  { type: "webhook", name: "webhook", rate: 6_000, url: `${webhook.url}/alerts` },
];

interface Killing {
  readonly kills: number;
  readonly random: Random;
  readonly onProgress: (text: string) => void;
}

/** Some kills fall into the start itself. Afterwards the service runs. */
async function killAgainAndAgain(service: DeliveryService, { kills, random, onProgress }: Killing): Promise<void> {
  for (let kill = 1; kill <= kills; kill += 1) {
    await pause(random.between(0, 1_500));
    await service.kill();
    const early = random.chance(0.25) && kill < kills;
    await service.start({ waits: !early });
    if (early) {
      kill += 1;
      await pause(random.between(0, 400));
      await service.kill();
      await service.start();
    }
    onProgress(`${kill} of ${kills} kills`);
  }
}

/** A key that arrived again was known to its receiver, and was sent twice all the same. */
function withCopies(tally: Tally, copies: readonly number[]): Tally {
  const again = copies.reduce((total, count) => total + count - 1, 0);
  return { ...tally, delivered: tally.delivered + again, duplicated: tally.duplicated + again };
}
