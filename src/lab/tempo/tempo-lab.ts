import { startLabServer, type LabServer } from "../server.ts";
import { answerRequest, type Frontend } from "./frontend.ts";
import { DEFAULT_LIMITS, type TempoLimits } from "./limits.ts";
import { answerPush } from "./receiver.ts";
import { TempoStore } from "./store.ts";

export type { TempoLimits } from "./limits.ts";

/** How a stand-in of Tempo is started; what is not given is as in Tempo's default configuration, but for `slackMs`. */
export interface TempoLabOptions {
  /** Unix milliseconds; the machine's clock without it. */
  readonly now?: () => number;
  /**
   * `query_frontend.query_end_cutoff` in milliseconds: how long the newest spans are hidden from all but by-id
   * requests; 30 s.
   */
  readonly endCutoffMs?: number;
  /**
   * `live_store.wal.ingestion_time_range_slack` in milliseconds: spans older than that on arrival are not found in
   * their own time. No limit unless given, so that a past can be pushed; Tempo's own default is 2 minutes.
   */
  readonly slackMs?: number;
  /** How old a push is before `mode=blocks` sees it; 5 minutes. */
  readonly blocklistPollMs?: number;
  /** How long after its last push a trace is kept, in milliseconds; 14 days. */
  readonly retentionMs?: number;
  /** Whether requests must name their tenant. */
  readonly isMultiTenant?: boolean;
  readonly limits?: Partial<TempoLimits>;
  /** Limits of single tenants, by tenant. */
  readonly tenants?: Readonly<Record<string, Partial<TempoLimits>>>;
  /** `http_api_prefix`, such as `/tempo`. */
  readonly prefix?: string;
  /** `query_frontend.url_deny_list`: parts of paths with their queries. */
  readonly denied?: readonly string[];
}

/** A stand-in of Tempo 3.1. */
export interface TempoLab extends Pick<LabServer, "requests" | "setFault" | "stop" | "start"> {
  /** Where it is asked. */
  readonly url: string;
  /** Where spans are pushed by OTLP over HTTP, as JSON: `POST {otlpUrl}/v1/traces`. */
  readonly otlpUrl: string;
  /** Changes limits while it runs: a small `maxBytesPerTrace` or `maxResponseSeries` makes answers PARTIAL. */
  setLimits(limits: Partial<TempoLimits>): void;
  /** Lets every query end as one that took too long, waited in a full queue, or came while Tempo stops. */
  setTrouble(trouble: Frontend["trouble"]): void;
  close(): Promise<void>;
}

/**
 * Starts a stand-in of Tempo on loopback. It behaves as Tempo 3.1 was recorded to
 * (test/contract/tempo-fixtures.test.ts), and refuses TraceQL that it does not know with the error of a query that can
 * not be read.
 */
export async function startTempoLab(options: TempoLabOptions = {}): Promise<TempoLab> {
  const { endCutoffMs = 30_000, slackMs = Infinity, retentionMs = 14 * 86_400_000, now = Date.now } = options;
  const store = new TempoStore({ now, endCutoffMs, slackMs, retentionMs });
  let limits: TempoLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const frontend: Frontend = {
    store,
    isMultiTenant: options.isMultiTenant ?? false,
    limitsOf: (tenant) => ({ ...limits, ...options.tenants?.[tenant] }),
    prefix: options.prefix ?? "",
    denied: options.denied ?? [],
    blocklistPollMs: options.blocklistPollMs ?? 300_000,
    trouble: undefined,
  };
  const server = await startLabServer({ handler: (request) => answerRequest(frontend, request) });
  const receiver = await startLabServer({ handler: (request) => answerPush(frontend, request) });
  return {
    url: server.url,
    otlpUrl: receiver.url,
    requests: server.requests,
    setLimits: (changed) => {
      limits = { ...limits, ...changed };
    },
    setTrouble: (trouble) => {
      frontend.trouble = trouble;
    },
    setFault: (fault) => server.setFault(fault),
    stop: () => server.stop(),
    start: () => server.start(),
    close: async () => {
      await Promise.all([server.close(), receiver.close()]);
    },
  };
}
