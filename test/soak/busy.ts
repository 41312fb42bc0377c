import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { Server, Socket } from "node:net";
import { performance } from "node:perf_hooks";

/** What the process has to do at the moment. */
export interface Work {
  /** Whether it waits for an answer, for a file, or for a connection. */
  isUnderWay(): boolean;
  /** Counts what came in from outside: grows when something did. */
  events(): number;
  /** What would keep the process alive besides timers, in words. */
  left(): readonly string[];
}

/** Who waits longer than this in real time is not waited for: it may be a connection that is kept for later. */
const PATIENCE_MS = 2_000;

interface Internals {
  _getActiveHandles(): readonly unknown[];
  _getActiveRequests(): readonly unknown[];
}

/** Begins to watch the process that it is called in, before anything of it is loaded. */
export function watchWork(realNow: () => number): Work {
  const requests = watchRequests();
  const pooled = watchPools();
  const sockets = watchWebSockets(realNow);
  const internals = process as unknown as Internals;
  const { nodeTiming } = performance;
  const seen = new WeakMap<Socket, number>();
  const isWaited = (handle: unknown): boolean => {
    if (!(handle instanceof Socket) || sockets.carries(handle) || pooled.has(handle) || isServers(handle)) return false;
    if (isStandard(handle)) return false;
    const since = seen.get(handle) ?? realNow();
    seen.set(handle, since);
    return realNow() - since < PATIENCE_MS;
  };
  return {
    isUnderWay: () =>
      requests.size > 0 ||
      sockets.owe() ||
      internals._getActiveRequests().length > 0 ||
      internals._getActiveHandles().some(isWaited),
    events: () => nodeTiming.uvMetricsInfo.events,
    left: () => [
      ...internals._getActiveHandles().flatMap(openText),
      ...internals._getActiveRequests().map((request) => `a request: ${nameOf(request)}`),
    ],
  };
}

const nameOf = (object: unknown): string => (object as object).constructor.name;

/** Nothing of a handle that was closed in this turn of the event loop. */
function openText(handle: unknown): readonly string[] {
  if (handle instanceof Server) return handle.listening ? [`a server at ${JSON.stringify(handle.address())}`] : [];
  if (!(handle instanceof Socket)) return [`a handle: ${nameOf(handle)}`];
  if (handle.destroyed || isStandard(handle)) return [];
  return [`a connection with port ${handle.remotePort}`];
}

const isStandard = (socket: Socket): boolean =>
  [process.stdin, process.stdout, process.stderr].some((stream) => (stream as unknown) === socket);

const isServers = (socket: Socket): boolean => "server" in socket && Boolean(socket.server);

/** Requests of every copy of undici. Source: https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
function watchRequests(): ReadonlySet<unknown> {
  const pending = new Set<unknown>();
  const requestOf = (message: unknown): unknown => (message as { readonly request: unknown }).request;
  subscribe("undici:request:create", (message) => void pending.add(requestOf(message)));
  for (const end of ["trailers", "error"])
    subscribe(`undici:request:${end}`, (message) => void pending.delete(requestOf(message)));
  return pending;
}

/** Connections of undici, which rest between requests. */
function watchPools(): Pick<WeakSet<Socket>, "has"> {
  const pooled = new WeakSet<Socket>();
  subscribe("undici:client:connected", (message) => void pooled.add((message as { readonly socket: Socket }).socket));
  return pooled;
}

interface WebSocketWatch {
  carries(socket: Socket): boolean;
  /** Whether one sent more than it was answered, and not long ago. */
  owe(): boolean;
}

function watchWebSockets(realNow: () => number): WebSocketWatch {
  const { WebSocket } = createRequire(import.meta.url)("ws") as { WebSocket: { prototype: WebSocketInternals } };
  const owed = new Map<object, { answers: number; readonly since: number }>();
  const carriers = new WeakSet<Socket>();
  const { send, emit } = WebSocket.prototype;
  WebSocket.prototype.send = function (this: WebSocketInternals, ...args: unknown[]) {
    if (this._socket) carriers.add(this._socket);
    owed.set(this, { answers: (owed.get(this)?.answers ?? 0) + 1, since: realNow() });
    return send.apply(this, args);
  };
  WebSocket.prototype.emit = function (this: WebSocketInternals, name: unknown, ...args: unknown[]) {
    if (name === "open" && this._socket) carriers.add(this._socket);
    const open = owed.get(this);
    if (name === "message" && open !== undefined) open.answers -= 1;
    if (name === "close" || (open !== undefined && open.answers <= 0)) owed.delete(this);
    return emit.apply(this, [name, ...args]);
  };
  return {
    carries: (socket) => carriers.has(socket),
    owe: () => [...owed.values()].some(({ since }) => realNow() - since < PATIENCE_MS),
  };
}

interface WebSocketInternals {
  readonly _socket?: Socket;
  send(...args: unknown[]): unknown;
  emit(...args: unknown[]): unknown;
}
