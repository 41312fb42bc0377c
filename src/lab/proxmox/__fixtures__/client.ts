import type { IncomingMessage } from "node:http";
import { STATUS_CODES } from "node:http";
import * as https from "node:https";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { ProxmoxLab, ProxmoxLabNode, ProxmoxLabOptions, ProxmoxToken } from "../contract.ts";
import { startProxmoxLab } from "../proxmox-lab.ts";

/** What a node answered; `data` is what the envelope holds. */
export interface Reply {
  readonly status: number;
  /** The reason phrase; empty when it is the usual one of the status. */
  readonly reason: string;
  readonly body: string;
  readonly data: unknown;
}

/** How a node is asked. */
export interface Ask {
  /** The first node unless given. */
  readonly node?: ProxmoxLabNode | undefined;
  /** The lab's own unless given; null sends none. */
  readonly token?: ProxmoxToken | null;
  readonly method?: string;
}

/** A row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

/** A cluster for one test, with a clock that only the test moves, and a client that trusts it. */
export interface TestLab {
  readonly lab: ProxmoxLab;
  /** Moves the clock. */
  pass(milliseconds: number): void;
  /** Asks a node for a path without `/api2/json/`. */
  ask(path: string, options?: Ask): Promise<Reply>;
  /** The `data` of a path that answers 200, as rows. */
  rows(path: string, options?: Ask): Promise<readonly Row[]>;
}

/** Starts a cluster that is closed after the test. */
export async function openLab(options: ProxmoxLabOptions = {}): Promise<TestLab> {
  let now = Date.UTC(2026, 10, 23, 12);
  const lab = await startProxmoxLab({ now: () => now, ...options });
  const agent = new https.Agent({ ca: lab.caPem, keepAlive: true });
  onTestFinished(async () => {
    agent.destroy();
    await lab.close();
  });
  const ask: TestLab["ask"] = async (path, { node = lab.nodes[0], token, method = "GET" } = {}) => {
    const { id, secret } = token ?? { id: lab.tokenId, secret: lab.tokenSecret };
    const headers = token === null ? {} : { authorization: `PVEAPIToken=${id}=${secret}` };
    return send(`${node?.url}/api2/json/${path}`, { agent, method, headers });
  };
  return {
    lab,
    ask,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    rows: async (path, options) => {
      const { status, reason, data } = await ask(path, options);
      if (status !== 200) throw new Error(`GET ${path} answered ${status} ${reason}`);
      return data as readonly Row[];
    },
  };
}

async function send(url: string, options: https.RequestOptions): Promise<Reply> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    https.request(url, options, resolve).once("error", reject).end();
  });
  const { statusCode = 0, statusMessage = "" } = response;
  const body = await text(response);
  const reason = statusMessage === STATUS_CODES[statusCode] ? "" : statusMessage;
  return { status: statusCode, reason, body, data: dataOf(body) };
}

function dataOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { data: unknown }).data;
  } catch {
    return undefined;
  }
}
