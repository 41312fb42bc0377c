import { setTimeout as wait } from "node:timers/promises";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import type { Cluster } from "./exchange.ts";
import { Exchange, PveError } from "./exchange.ts";
import type { PveNode } from "./model.ts";
import type { Token } from "./permissions.ts";
import type { FoundRoute } from "./routes/table.ts";
import { findRoute } from "./routes/table.ts";

/** What a cluster keeps while it runs, besides what it knows. */
export interface Service {
  readonly cluster: Cluster;
  readonly cache: Map<string, string>;
  readonly rewrites: Map<string, (data: unknown) => unknown>;
  /** Told of every request: the token that it names, the node that was asked, and the path without the prefix. */
  count(tokenId: string, node: string, path: string): void;
  /** Aborted when the lab closes, so that nothing waits any longer. */
  readonly closed: AbortSignal;
}

const PREFIX = "/api2/json";
const JSON_HEADERS = { "content-type": "application/json;charset=UTF-8", "cache-control": "max-age=0" };
/** How many orders of its lists a kept answer has. */
const VARIANTS = 4;

/** Answers a request that came to a node over HTTP. */
export async function dispatch(service: Service, name: string, request: LabRequest): Promise<LabAnswer> {
  const { cluster } = service;
  const answer = await answerAt(service, name, request);
  const date = new Date(cluster.options.now() + cluster.state.clockOffsetMs).toUTCString();
  return { ...answer, headers: { server: "pve-api-daemon/3.0", date, ...answer.headers } };
}

async function answerAt(service: Service, name: string, request: LabRequest): Promise<LabAnswer> {
  const { cluster } = service;
  const path = request.path.startsWith(`${PREFIX}/`) ? request.path.slice(PREFIX.length) : undefined;
  if (path === undefined) return { status: 404, statusMessage: `No such file '${request.path}'` };
  const token = cluster.permissions.authenticate(request.headers.authorization);
  service.count(tokenIdIn(request.headers.authorization), name, path);
  if (typeof token === "string") {
    await pause(service, cluster.options.timing.authDelayMs);
    return { status: 401, statusMessage: token };
  }
  try {
    const body = await answerBody(service, { name, token, path, request });
    return { status: 200, headers: JSON_HEADERS, body };
  } catch (error) {
    if (error instanceof PveError) return failure(cluster, error);
    throw error;
  }
}

const tokenIdIn = (header: string | undefined): string => /^PVEAPIToken[ =]([^=]+)=/.exec(header ?? "")?.[1] ?? "";

/** The text of a failure is the reason phrase; release 9 has it in the body as well. */
function failure({ options }: Cluster, { status, message, parameters }: PveError): LabAnswer {
  const body = {
    data: null,
    ...(options.version === "9.1" && status < 501 && { message: `${message}\n` }),
    ...(parameters !== undefined && { errors: parameters }),
  };
  return { status, statusMessage: message, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

interface Asked {
  readonly name: string;
  readonly token: Token;
  readonly path: string;
  readonly request: LabRequest;
}

async function answerBody(service: Service, asked: Asked): Promise<string> {
  const { cluster } = service;
  const { path, token, request } = asked;
  const found = request.method === "GET" ? findRoute(path) : undefined;
  if (found === undefined) throw new PveError(501, `Method '${request.method} ${path}' not implemented`);
  const local = cluster.state.nodes.find((node) => node.name === asked.name);
  if (local === undefined) throw new PveError(500, `the lab has no node ${asked.name} in its state`);
  await reach(service, local, found.parameters["node"]);
  checkQuery(found, request.query);
  const exchange = new Exchange(cluster, local, { token, query: request.query, parameters: found.parameters });
  await stallOnHungStorage(service, exchange, found);
  return rendered(service, exchange, found, asked);
}

/** Passes a call on to the node that its path names, as far as that one can be reached. */
async function reach(service: Service, local: PveNode, name: string | undefined): Promise<void> {
  if (name === undefined || name === local.name || name === "localhost") return;
  const { state, deaf, options } = service.cluster;
  const target = state.nodes.find((node) => node.name === name);
  if (target === undefined) {
    throw new PveError(
      500,
      `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
    );
  }
  const hearing = deaf.get(name);
  if (hearing === "refused" && target.online) throw new PveError(595, "Connection refused");
  if (target.online && hearing === undefined) return;
  await pause(service, options.timing.proxyTimeoutMs);
  throw target.online ? new PveError(596, "Connection timed out") : new PveError(595, "No route to host");
}

function checkQuery({ route }: FoundRoute, query: URLSearchParams): void {
  const errors: Record<string, string> = {};
  for (const [name, value] of query) {
    const allowed = route.oneOf?.[name];
    if (route.query?.includes(name) !== true) {
      errors[name] = "property is not defined in schema and the schema does not allow additional properties";
    } else if (allowed !== undefined && !allowed.includes(value)) {
      errors[name] = `value '${value}' does not have a value in the enumeration '${allowed.join(", ")}'`;
    }
  }
  if (Object.keys(errors).length > 0) throw new PveError(400, "Parameter verification failed.", errors);
}

async function stallOnHungStorage(service: Service, exchange: Exchange, { route }: FoundRoute): Promise<void> {
  const hung = exchange.node.hungStorages;
  const waits = route.touches === "all" ? hung.length > 0 : hung.includes(exchange.parameter("storage"));
  if (route.touches === undefined || !waits) return;
  await pause(service, service.cluster.options.timing.stallMs);
  throw new PveError(596, "Connection timed out");
}

function rendered(service: Service, exchange: Exchange, { route }: FoundRoute, { name, path, request }: Asked): string {
  const render = (): string => {
    const data = route.handle(exchange);
    const rewrite = service.rewrites.get(path);
    return JSON.stringify({ data: rewrite === undefined ? data : rewrite(structuredClone(data)) });
  };
  if (!service.cluster.options.cached || route.volatile === true) return render();
  const key = `${exchange.cluster.random.whole(1, VARIANTS)} ${name} ${exchange.token.id} ${request.target}`;
  const kept = service.cache.get(key) ?? render();
  service.cache.set(key, kept);
  return kept;
}

/** Waits, or until the lab closes. */
async function pause({ closed }: Service, milliseconds: number): Promise<void> {
  await wait(milliseconds, undefined, { signal: closed, ref: false }).catch(() => {});
}
