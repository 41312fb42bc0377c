import { join } from "node:path";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startDeliveryService } from "../../test/helpers/delivery-service.ts";
import type { PostgresServer } from "../../test/helpers/postgres.ts";
import { joinReports, report, round, type Report } from "../report.ts";
import { cpuSecondsBelow } from "../usage.ts";
import { quantile, sendLoad, type Load, type LoadResult } from "./load.ts";
import { postgresLimit, readPostgres } from "./postgres-limit.ts";
import { readSqlite, sqliteLimit } from "./sqlite-limit.ts";
import { changingGroups } from "./webhooks.ts";
import { batchSize, type Written } from "./written.ts";

/** So many groups change in turn. */
const GROUPS = 4_000;
const WARM_UP_MS = 10_000;
const TRIAL_MS = 3_000;
const MEASURE_MS = 10_000;
const LIMIT_MS = 4_000;
/** The numbers of connections of which the best is measured; the first one warms up. */
const CONNECTIONS = { 1: [48, 16, 32, 64], 100: [8, 2, 4, 16] } as const;
const AIM = { groupsPerSecond: 2_000, p99Ms: 50 };

/** A store under the service. */
interface Place {
  readonly name: "sqlite" | "postgres";
  readonly config: Readonly<Record<string, unknown>>;
  /** What the service wrote, which has ended. */
  readWritten(folder: string): Promise<Written> | Written;
  /** How many of the same webhooks in a second the store itself makes durable. */
  limit(written: Written): Promise<number>;
}

const sqlite: Place = {
  name: "sqlite",
  config: {},
  readWritten: (folder) => readSqlite(join(folder, "watchkeeper.db")),
  limit: (written) => sqliteLimit(written, LIMIT_MS),
};

const postgresOn = async (server: PostgresServer): Promise<Place> => {
  const url = await server.createDatabase();
  return {
    name: "postgres",
    config: { store: { postgres: { url } } },
    readWritten: () => readPostgres(url),
    limit: async (written) => postgresLimit(written, await server.createDatabase(), LIMIT_MS),
  };
};

/**
 * Measures the durable intake of the built service: webhooks that each change one of some thousand groups, of which only
 * those count that were answered with 202. Messages go to one channel of an emulated Slack with the default settings, so
 * that the service does all that it would do at such a rate: it sums up a storm beside the intake. Each trial sends over
 * other numbers of connections; the best one that keeps the aim of p99 is measured. The limit is what the store itself
 * makes durable of the same rows in the same transactions.
 */
export async function measureDurableIntake(server: PostgresServer | undefined): Promise<Report> {
  const reports: Report[] = [];
  for (const alerts of [1, 100] as const) {
    reports.push(await measure(sqlite, alerts));
    if (server !== undefined) reports.push(await measure(await postgresOn(server), alerts));
  }
  return joinReports(reports);
}

async function measure(place: Place, alerts: 1 | 100): Promise<Report> {
  const slack = await startSlackStandIn();
  const service = await startDeliveryService({
    config: place.config,
    destinations: [{ type: "slack", name: "chat", token: slack.token, channel: "#alerts", api_url: slack.url }],
  });
  try {
    const load = { urls: [service.url], bodies: changingGroups(alerts, GROUPS) };
    const { connections, from } = await findConnections(load, alerts);
    const cpu = cpuSecondsBelow();
    const result = await sendLoad({ ...load, connections, from, forMs: MEASURE_MS });
    const cpuPerGroup = (cpuSecondsBelow() - cpu) / result.accepted;
    await service.stop();
    const written = await place.readWritten(service.folder);
    return reportOf({ place, alerts, connections, result, cpuPerGroup, written, limit: await place.limit(written) });
  } finally {
    await service.close();
    await slack.close();
  }
}

/** The number of connections with which most is taken in while p99 keeps the aim, or else the one with the best p99. */
async function findConnections(
  load: Pick<Load, "urls" | "bodies">,
  alerts: 1 | 100,
): Promise<{ readonly connections: number; readonly from: number }> {
  const candidates = CONNECTIONS[alerts];
  let from = 0;
  const run = async (connections: number, forMs: number): Promise<LoadResult> => {
    const result = await sendLoad({ ...load, connections, from, forMs });
    from += result.accepted + result.refused;
    return result;
  };
  await run(candidates[0], WARM_UP_MS);
  const trials: { connections: number; rate: number; p99: number }[] = [];
  for (const connections of candidates) {
    const { accepted, seconds, latencies } = await run(connections, TRIAL_MS);
    trials.push({ connections, rate: accepted / seconds, p99: quantile(latencies, 0.99) });
  }
  const good = trials.filter(({ p99 }) => p99 < AIM.p99Ms).toSorted((a, b) => b.rate - a.rate);
  const [best] = [...good, ...trials.toSorted((a, b) => a.p99 - b.p99)];
  return { connections: best?.connections ?? candidates[0], from };
}

interface Measured {
  readonly place: Place;
  readonly alerts: 1 | 100;
  readonly connections: number;
  readonly result: LoadResult;
  readonly cpuPerGroup: number;
  readonly written: Written;
  readonly limit: number;
}

function reportOf({ place, alerts, connections, result, cpuPerGroup, written, limit }: Measured): Report {
  const { accepted, refused, seconds, latencies } = result;
  const isAim = alerts === 1 && place.name === "sqlite";
  const suffix = `_${place.name}${alerts === 1 ? "" : `_${alerts}`}`;
  return report([
    {
      what: `durable intake, ${place.name}, ${alerts} ${alerts === 1 ? "alert" : "alerts"} a group`,
      unit: "groups/s",
      ours: accepted / seconds,
      moreIsBetter: true,
      against: { name: "the store itself", value: limit },
      figure: `groups_per_s${suffix}`,
      ...(isAim && { aim: { is: ">=", value: AIM.groupsPerSecond } }),
      ratio: { of: "ours / theirs", figure: `vs_store_limit${suffix}` },
      note: `${connections} connections, ${round(batchSize(written))} in a transaction`,
    },
    {
      what: "  p99 until it was answered",
      unit: "ms",
      ours: quantile(latencies, 0.99),
      figure: `p99_ms${suffix}`,
      ...(isAim && { aim: { is: "<", value: AIM.p99Ms } }),
      note: `p50 ${round(quantile(latencies, 0.5))} ms`,
    },
    {
      what: `  computing by the service${place.name === "postgres" ? " and PostgreSQL" : ""} for a group`,
      unit: "µs",
      ours: cpuPerGroup * 1e6,
    },
    ...(refused === 0 ? [] : [{ what: "  refused", unit: "", ours: refused }]),
  ]);
}
