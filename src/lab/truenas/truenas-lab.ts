import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { createAuthority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import { startLabServer, type LabServer } from "../server.ts";
import type { TrueNasLab, TrueNasLabOptions, TrueNasRelease } from "./contract.ts";
import { answerHttp, NOT_FOUND } from "./http.ts";
import { BareCallLimit } from "./limits.ts";
import { createStorageState } from "./model/storage.ts";
import { createSystemState, type LabApiKey } from "./model/system.ts";
import { createTasksState } from "./model/tasks.ts";
import { NasSocket } from "./nas-socket.ts";
import { secondsOf, type Nas } from "./nas.ts";
import { apiVersionsOf, releaseOfVersion } from "./releases.ts";
import { TRUENAS_SCENARIOS } from "./scenarios.ts";
import { ddpWire, jsonRpcWire, type LabWire } from "./wire.ts";

/**
 * Starts an emulated TrueNAS on loopback: HTTPS, JSON-RPC 2.0 by WebSocket (from 25.04 on) and DDP, with the limits and
 * the words of the middleware's source.
 */
export async function startTrueNasLab(options: TrueNasLabOptions = {}): Promise<TrueNasLab> {
  const authority = options.authority ?? (await createAuthority());
  const nas = createNas(options);
  const sockets = new Set<NasSocket>();
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, maxPayload: 4 * 1024 * 1024 });
  const onRest = async (): Promise<void> => lab.scenarios.rest_client.run(lab);
  const server = await startLabServer({
    authority,
    handler: (request) => answerHttp(nas, request, onRest),
    upgrade: (request, incoming, connection, head) =>
      upgrade({ nas, webSockets, sockets }, { request, incoming, connection, head }),
    ...(options.port !== undefined && { port: options.port }),
  });
  nas.certificate = Buffer.from((server.fingerprint256 ?? "").replaceAll(":", ""), "hex");
  const lab = createLab(nas, server, { sockets, caPem: authority.certificatePem, options });
  return lab;
}

function createNas(options: TrueNasLabOptions): Nas {
  const { release = "25.10", now: clock = Date.now, beforeAnswer = () => Promise.resolve() } = options;
  return {
    release,
    state: fill(Math.floor(clock() / 1000), options),
    socketFault: undefined,
    clock,
    limit: new BareCallLimit(clock),
    stats: { sockets: 0, logins: 0, limited: 0, calls: new Map(), bytesSent: 0, bytesReceived: 0, mostAtOnce: 0 },
    beforeAnswer,
    certificate: Buffer.alloc(0),
    bootId: randomUUID(),
  };
}

function fill(now: number, { datasets = 0, snapshotsPerDataset = 10 }: TrueNasLabOptions): Nas["state"] {
  const sizes = { datasets, snapshotsPerDataset };
  return {
    storage: createStorageState(now, sizes),
    tasks: createTasksState(now, sizes),
    system: createSystemState(now, sizes),
  };
}

interface Upgrade {
  readonly request: LabRequest;
  readonly incoming: IncomingMessage;
  readonly connection: Duplex;
  readonly head: Buffer;
}

interface Sockets {
  readonly nas: Nas;
  readonly webSockets: WebSocketServer;
  readonly sockets: Set<NasSocket>;
}

function upgrade({ nas, webSockets, sockets }: Sockets, { request, incoming, connection, head }: Upgrade): void {
  const opened = openFor(nas, request.path);
  if (opened === undefined) {
    connection.end(`HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${NOT_FOUND.body}`);
    return;
  }
  webSockets.handleUpgrade(incoming, connection, head, (webSocket) => {
    const address = incoming.socket.remoteAddress ?? "";
    const socket = new NasSocket({ nas, webSocket, connection, address, ...opened });
    sockets.add(socket);
    webSocket.once("close", () => sockets.delete(socket));
  });
}

/** What is spoken on a path, and by which release's shapes; undefined when there is no WebSocket. */
function openFor(nas: Nas, path: string): { wire: LabWire; release: TrueNasRelease } | undefined {
  if (path === "/websocket") return { wire: ddpWire(randomUUID()), release: nas.release };
  const version = /^\/api\/(current|v[\d.]+)$/.exec(path)?.[1];
  const versions = apiVersionsOf(nas.release);
  if (version === undefined || versions.length === 0) return undefined;
  if (version === "current") return { wire: jsonRpcWire(), release: nas.release };
  const release = versions.includes(version) ? releaseOfVersion(version) : undefined;
  return release === undefined ? undefined : { wire: jsonRpcWire(), release };
}

function ownKey(nas: Nas): LabApiKey {
  const [key] = nas.state.system.apiKeys;
  if (key === undefined) throw new Error("lab: the server has no API key");
  return key;
}

interface LabParts {
  readonly sockets: ReadonlySet<NasSocket>;
  readonly caPem: string;
  readonly options: TrueNasLabOptions;
}

function createLab(nas: Nas, server: LabServer, { sockets, caPem, options }: LabParts): TrueNasLab {
  const { username, key: apiKey } = ownKey(nas);
  return {
    url: server.url,
    release: nas.release,
    caPem,
    fingerprint256: server.fingerprint256 ?? "",
    username,
    apiKey,
    get state() {
      return nas.state;
    },
    scenarios: TRUENAS_SCENARIOS,
    stats: nas.stats,
    requests: server.requests,
    now: () => secondsOf(nas),
    setRoles: (roles) => void nas.state.system.roles.set(username, roles),
    emit: (collection, message) => {
      for (const socket of sockets) socket.tell({ collection, ...message });
    },
    endSessions: () => {
      for (const socket of sockets) socket.endSession();
    },
    dropSockets: () => {
      for (const socket of sockets) socket.drop();
    },
    reset: () => {
      nas.state = fill(secondsOf(nas), options);
      nas.limit.clear();
    },
    setFault: (fault) => server.setFault(fault),
    setSocketFault: (fault) => {
      nas.socketFault = fault;
    },
    stop: () => server.stop(),
    start: () => server.start(),
    close: () => server.close(),
  };
}
