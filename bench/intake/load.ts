import { Pool } from "undici";
import type { Bodies } from "./webhooks.ts";

/** What is sent, and how. */
export interface Load {
  /** Addresses of the services; the connections are shared out among them. */
  readonly urls: readonly string[];
  /** HTTP/1.1 connections that are kept alive; each sends its next webhook when the last one is answered. */
  readonly connections: number;
  readonly bodies: Bodies;
  /** Number of the first webhook. */
  readonly from: number;
  /** Ends after so many milliseconds, or so many webhooks. */
  readonly forMs?: number;
  readonly count?: number;
}

/** What came of a load. */
export interface LoadResult {
  /** Webhooks that were answered with 202. */
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  /** Milliseconds from the sending of a webhook to the last byte of its 202; ascending. */
  readonly latencies: readonly number[];
}

const ACCEPTED = 202;

/** Sends webhooks as fast as they are answered. */
export async function sendLoad({
  urls,
  connections,
  bodies,
  from,
  forMs = 600_000,
  count = Number.POSITIVE_INFINITY,
}: Load): Promise<LoadResult> {
  const each = Math.ceil(connections / urls.length);
  const pools = urls.map((url) => new Pool(url, { connections: each }));
  const latencies: number[] = [];
  let refused = 0;
  let next = from;
  const end = from + count;
  const begun = performance.now();
  const sendAll = async (pool: Pool): Promise<void> => {
    while (performance.now() - begun < forMs && next < end) {
      const body = bodies(next++);
      const sent = performance.now();
      if ((await post(pool, body)) === ACCEPTED) latencies.push(performance.now() - sent);
      else refused += 1;
    }
  };
  await Promise.all(pools.flatMap((pool) => Array.from({ length: each }, () => sendAll(pool))));
  const seconds = (performance.now() - begun) / 1_000;
  await Promise.all(pools.map((pool) => pool.close()));
  return { accepted: latencies.length, refused, seconds, latencies: latencies.toSorted((a, b) => a - b) };
}

/** Posts one webhook to the source `main`; gives the status. */
export async function post(pool: Pool, body: Buffer): Promise<number> {
  const { statusCode, body: answer } = await pool.request({
    path: "/api/v1/webhooks/alertmanager/main",
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await answer.dump();
  return statusCode;
}

/** The value below which that share of ascending values lies; not a number when there are none. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
