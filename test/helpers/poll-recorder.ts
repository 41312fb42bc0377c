import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One poll that reached a target. */
export interface RecordedPoll {
  /** On this process's monotonic clock, in milliseconds. */
  readonly at: number;
  readonly replica: number;
  readonly target: string;
}

/** Targets that note which replica asks them, and when. */
export interface PollRecorder {
  readonly polls: readonly RecordedPoll[];
  /** The section `targets` of a replica's configuration: each replica has addresses of its own for the same targets. */
  targetsOf(replica: number): object;
  close(): Promise<void>;
}

/** What a Vault says that is well. Source: https://developer.hashicorp.com/vault/api-docs/system/health */
const HEALTH = JSON.stringify({
  initialized: true,
  sealed: false,
  standby: false,
  performance_standby: false,
  server_time_utc: 1_790_000_000,
  version: "1.20.1",
  cluster_name: "recorder",
  cluster_id: "5f1dd7a8-6e1a-4c27-8d3e-2b5a8c0d9e11",
});

/** How often each target is polled, in milliseconds. */
export const POLL_EVERY_MS = 1_500;
/** Vaults are asked for their health every 15 s. */
const PACE = POLL_EVERY_MS / 15_000;

/** Starts a Vault for each target and replica, all of which answer nothing but their health. */
export async function startPollRecorder(targets: readonly string[], replicas: number): Promise<PollRecorder> {
  const polls: RecordedPoll[] = [];
  const servers = new Map<string, Server>();
  const keyOf = (target: string, replica: number): string => `${replica} ${target}`;
  for (const target of targets) {
    for (let replica = 0; replica < replicas; replica += 1) {
      const server = createServer((request, response) => {
        polls.push({ at: performance.now(), replica, target });
        const isHealth = request.url?.startsWith("/v1/sys/health") === true;
        response.writeHead(isHealth ? 200 : 404, { "content-type": "application/json" });
        response.end(isHealth ? HEALTH : '{"errors":[]}');
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      servers.set(keyOf(target, replica), server);
    }
  }
  const urlOf = (target: string, replica: number): string => {
    const address = servers.get(keyOf(target, replica))?.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  };
  return {
    polls,
    targetsOf: (replica) => ({
      vault: targets.map((name) => ({
        name,
        nodes: [urlOf(name, replica)],
        pace: PACE,
        auth: { method: "token", token: "a-token-of-tests" },
      })),
    }),
    async close() {
      const closing = [...servers.values()].map((server) => {
        const closed = once(server, "close");
        server.closeAllConnections();
        server.close();
        return closed;
      });
      await Promise.all(closing);
    },
  };
}
