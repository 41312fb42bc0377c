import type { Client } from "@elastic/elasticsearch";
import type { z } from "zod";
import type { ElasticsearchConfig } from "../../core/evidence-config.ts";
import { minutes, seconds } from "../../core/duration.ts";
import { Secret } from "../../core/secret.ts";
import type { StoredQuery } from "../../core/telemetry.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { loginHeaders, readAuthorities } from "../../lib/http/login.ts";
import { nameStrangers } from "../../lib/http/who-answers.ts";
import { readSecret } from "../../lib/secret-source.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { connectionClass, type Trail } from "./connection.ts";
import { RefusedError, toCollectError } from "./errors.ts";

/** Options of one request of the client, to be passed on as they are. */
export interface AskOptions {
  readonly context: Record<string, unknown>;
  readonly signal: AbortSignal;
  readonly maxResponseSize: number;
  readonly retryBackoff: () => number;
  readonly openTelemetry: { readonly enabled: false };
}

/** One request: what it is for, and how the client makes it. */
export interface Question<T> {
  readonly purpose: string;
  readonly shape: z.ZodType<T>;
  /** The client's options have to be passed on. */
  readonly call: (client: Client, options: AskOptions) => Promise<unknown>;
}

/** What came of it. */
export interface Asked<T> {
  readonly answer: T;
  readonly query: StoredQuery;
  /** Size of the answer. */
  readonly bytes: number;
}

/** An Elasticsearch that is asked. Rejects with `CollectError`, or with the reason of a signal that is no timeout. */
export interface Elasticsearch {
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<Asked<T>>;
  close(): Promise<void>;
}

/** The largest answer: 10,000 usual lines are a tenth of it. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Opens the client; connects to nothing yet. Throws `CollectError` where a certificate or fingerprint is not usable.
 */
export async function openClient(
  config: Omit<ElasticsearchConfig, "indices" | "fields" | "kibanaUrl">,
): Promise<Elasticsearch> {
  const ca = await readAuthorities(config.caFile);
  const { fingerprint, serverName, nodes } = config;
  // the caller's deadline is the one that counts
  const timeouts = { connect: seconds(5), headers: minutes(3), total: minutes(3) };
  const http = createHttpClient({ ca, fingerprint, serverName, timeouts, retries: 0, maxConnections: 8 });
  // it is 10 MB of code, which nobody needs who has no Elasticsearch
  const { Client, BaseConnection, errors } = await import("@elastic/elasticsearch");
  const client = new Client({
    nodes: [...nodes],
    Connection: connectionClass({ BaseConnection, errors }, { http, login: () => logIn(config) }),
    maxRetries: Math.max(1, nodes.length - 1),
    enableMetaHeader: false,
    headers: { "user-agent": "watchkeeper" },
    // no object of an answer is merged into another, and fields may be named anything
    disablePrototypePoisoningProtection: true,
  });
  const asked = nodes.map((url) => ({ client: http, url, headers: () => logIn(config) }));
  // nothing else says the type of an error
  const isOwn = (error: Error): boolean => error instanceof RefusedError && error.type !== "";
  const { naming } = nameStrangers("Elasticsearch", asked, isOwn);
  return {
    ask: (question, signal) => naming(() => ask(client, question, signal), signal),
    close: async () => {
      await client.close();
      await http.close();
    },
  };
}

/** Its own waiting, of up to four seconds, would outlast a caller who gave up. */
const atOnce = (): number => 0;

const USUAL = {
  maxResponseSize: MOST_BYTES,
  retryBackoff: atOnce,
  // its spans quote the server's answer, which may hold a credential; those of the house's HTTP client do not
  openTelemetry: { enabled: false },
} as const;

async function ask<T>(client: Client, { purpose, shape, call }: Question<T>, signal: AbortSignal): Promise<Asked<T>> {
  const trail: Trail = {};
  try {
    const body = await call(client, { ...USUAL, context: { trail }, signal });
    const { method, path, where, ...rest } = trail.sent ?? { method: "GET", path: "/", where: "Elasticsearch" };
    const query: StoredQuery = { source: "elasticsearch", purpose, method, path, ...rest };
    return { answer: readShape(shape, body, where), query, bytes: trail.bytes ?? 0 };
  } catch (thrown) {
    throw toCollectError(thrown, trail, signal);
  }
}

async function logIn({
  apiKey,
  login,
}: Pick<ElasticsearchConfig, "apiKey" | "login">): Promise<Readonly<Record<string, Secret>>> {
  if (apiKey === undefined) return loginHeaders(login);
  const key = await readSecret(apiKey);
  return { authorization: new Secret(`ApiKey ${key.reveal()}`) };
}
