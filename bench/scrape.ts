import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { printNumber } from "./figures.ts";
import { installPeer } from "./peers.ts";
import { joinReports, median, nothing, report, type Report } from "./report.ts";
import { startContender, type Contender } from "./scrape/process.ts";
import type { State } from "./scrape/contender.ts";
import type { Stalls } from "./scrape/stalls.ts";
import { measureStart } from "./scrape/start.ts";

const SMALL = 10_000;
const LARGE = 100_000;

const WARM_UP_ROUNDS = 20;
const STEADY_ROUNDS = 60;
/** Milliseconds between two rounds: enough for the collector of garbage to do what it does in a service that rests. */
const PAUSE = 100;

/** Measures what a scrape costs, beside the limit of this machine and two client libraries. */
export async function measureScrape(): Promise<Report> {
  return joinReports([
    await againstStatic("vs_static_10k", SMALL),
    await againstStatic("vs_static_100k", LARGE),
    await againstClients(),
    await whileChanging(),
    await measureStart(),
  ]);
}

/** Median milliseconds of each contender's scrapes; they take turns, and turns at being first, so that drift hits all alike. */
async function raceScrapes(contenders: readonly Contender[], rounds: number, warmUp: number): Promise<number[]> {
  const times: number[][] = contenders.map(() => []);
  for (let round = -warmUp; round < rounds; round++) {
    const order = [...contenders.entries()];
    for (const [i, contender] of round % 2 === 0 ? order : order.toReversed()) {
      const time = await contender.scrape();
      if (round >= 0) times[i]?.push(time);
    }
  }
  return times.map(median);
}

async function againstStatic(name: string, total: number): Promise<Report> {
  const ours = await startContender("ours", total);
  const limit = await startContender("static", total, ours.url);
  const [a = Number.NaN, b = Number.NaN] = await raceScrapes([ours, limit], total === SMALL ? 600 : 200, 150);
  await Promise.all([ours.stop(), limit.stop()]);
  return report([
    {
      what: `scrape of ${printNumber(total)} unchanged series`,
      unit: "ms",
      ours: a,
      against: { name: "one ready buffer", value: b },
      ratio: { of: "ours / theirs", figure: name },
    },
  ]);
}

async function againstClients(): Promise<Report> {
  const own = { path: fileURLToPath(import.meta.resolve("prom-client")) };
  return joinReports([
    await againstClient("vs_prom_client_100k", "prom-client 15.1.3", await installPeer("prom-client", "15.1.3")),
    await againstClient("vs_prometheus_io_client_100k", "@prometheus-io/client 0.16.1", own),
  ]);
}

async function againstClient(
  name: string,
  title: string,
  peer: { path: string } | { problem: string },
): Promise<Report> {
  if ("problem" in peer) return nothing(name, peer.problem);
  const ours = await startContender("ours", LARGE);
  const theirs = await startContender("client", LARGE, peer.path);
  const [a = Number.NaN, b = Number.NaN] = await raceScrapes([ours, theirs], 11, 3);
  await Promise.all([ours.stop(), theirs.stop()]);
  const row = {
    what: `scrape of ${printNumber(LARGE)} series`,
    unit: "ms",
    ours: a,
    against: { name: title, value: b },
    ratio: { of: "theirs / ours", figure: name },
  } as const;
  return report([row], { peers: [title] });
}

/** Scrapes while a tenth of the series changes before each scrape; every other one compressed, as Prometheus asks. */
async function whileChanging(): Promise<Report> {
  const ours = await startContender("ours, watched", LARGE);
  const stalls: Stalls[] = [];
  let rss = 0;
  const note = ({ stalls: found, rss: now }: State): void => {
    stalls.push(found);
    rss = Math.max(rss, now);
  };
  for (let round = 1; round <= WARM_UP_ROUNDS + STEADY_ROUNDS; round++) {
    const changed = await ours.ask({ ask: "change", round });
    await ours.scrape(round % 2 === 0 ? { "accept-encoding": "gzip" } : {});
    const scraped = await ours.ask({ ask: "state" });
    if (round > WARM_UP_ROUNDS) [changed, scraped].forEach(note);
    await setTimeout(PAUSE);
  }
  await ours.stop();
  const load = `${printNumber(LARGE)} series, 10 % changed before each scrape`;
  return report([
    {
      what: `longest stall, ${load}`,
      unit: "ms",
      ours: Math.max(...stalls.map(({ own }) => own)),
      figure: "stall_ms_10pct_changed",
      aim: { is: "<", value: 10 },
    },
    {
      what: "  the same with waits for a core that others had",
      unit: "ms",
      ours: Math.max(...stalls.map(({ wall }) => wall)),
    },
    {
      what: `most resident memory, ${load}`,
      unit: "MB",
      ours: rss / 1e6,
      figure: "rss_mb_100k",
      aim: { is: "<", value: 250 },
    },
  ]);
}
