import type { IncomingHttpHeaders } from "node:http";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import { errors, NOT_ALLOWED, UNSUPPORTED_PATH } from "./answers.ts";
import type { Member } from "./member.ts";
import type { FoundRoute, Route } from "./routes.ts";
import { capabilityOf, findRoute } from "./routes.ts";
import type { Exchange, LabState } from "./state.ts";
import type { Token } from "./tokens.ts";

const SEALED = errors(503, "Vault is sealed");
const NO_LEADER = errors(500, "local node not active but active cluster node not found");

type Answer = LabAnswer | "abort";

/** Answers a request that came to a node, there or at the active one. */
export async function dispatch(state: LabState, member: Member, request: LabRequest): Promise<Answer> {
  const answer = await answerAt(state, member, request);
  if (answer === "abort") return answer;
  // The date of an answer is the clock that is skewed, too.
  const date = new Date(state.cluster.now() + member.clockSkewSeconds * 1000).toUTCString();
  return { ...answer, headers: { ...answer.headers, date } };
}

async function answerAt(state: LabState, member: Member, request: LabRequest): Promise<Answer> {
  const path = request.path.startsWith("/v1/") ? request.path.slice("/v1/".length) : undefined;
  if (path === undefined) return outside(request.path);
  const found = findRoute(request.method, path) ?? unknownRoute(request.method, path);
  const { route } = found;
  if (route.by !== "sealed" && (member.sealed || !state.cluster.initialized)) return SEALED;
  const body = readBody(request);
  if (body === undefined) return errors(400, "failed to decode JSON input: invalid character");
  const exchange = { state, request, parameters: found.parameters, body };
  if (!isForwarded(state, member, route, request)) return answerHere({ ...exchange, member }, found, path);
  return forward(state, member, route, request, (active) => answerHere({ ...exchange, member: active }, found, path));
}

/** Whether the node leaves the request to the active one. */
function isForwarded(state: LabState, member: Member, { by, needs }: Route, request: LabRequest): boolean {
  const { cluster } = state;
  if (by === "sealed" || cluster.isActive(member)) return false;
  if (needs === "nothing") return by !== "node";
  if (by === "never_forwarded" && cluster.options.unauthenticatedMetrics) return false;
  const isOpenBao = cluster.options.flavour === "openbao";
  // A standby that does not know the token leaves the verdict to the active node.
  if (isOpenBao || by === "node") return by === "active" || findToken(state, request) === undefined;
  return true;
}

async function forward(
  state: LabState,
  member: Member,
  { by }: Route,
  request: LabRequest,
  answer: (active: Member) => Answer,
): Promise<Answer> {
  const { cluster } = state;
  if (by === "never_forwarded" && cluster.options.flavour === "openbao") {
    return errors(400, "cannot forward local-only request");
  }
  for (;;) {
    const leader = cluster.leaderSeenBy(member);
    if (leader === undefined) return NO_LEADER;
    const alive = cluster.isActive(leader);
    if (alive && by !== "never_forwarded") return answer(leader);
    if (!leader.frozen) return { status: 307, headers: { location: `${leader.url}${request.target}` } };
    // A frozen node takes what is forwarded to it and says nothing until it thaws or another one is active.
    if (!(await cluster.nextChange())) return NO_LEADER;
    if (cluster.isActive(member)) return answer(member);
  }
}

function answerHere(exchange: Exchange, { route }: FoundRoute, path: string): Answer {
  if (route.needs === "nothing") return route.handle(exchange);
  const { state, request } = exchange;
  if (route.by === "never_forwarded" && state.cluster.options.unauthenticatedMetrics) {
    return route.handle({ ...exchange, token: state.tokens.root });
  }
  const token = findToken(state, request);
  if (token === undefined) return errors(403, tokenRefusal(state, request));
  if (!state.policies.allows(token.policies, path, route.needs)) return errors(403, NOT_ALLOWED);
  return route.handle({ ...exchange, token });
}

/** Vault tells an unknown token from a missing one, OpenBao does not. */
function tokenRefusal({ cluster }: LabState, { headers }: LabRequest): string {
  return cluster.options.flavour === "vault" && tokenIn(headers) !== undefined
    ? "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"
    : "permission denied";
}

const findToken = ({ tokens }: LabState, { headers }: LabRequest): Token | undefined => tokens.find(tokenIn(headers));

function tokenIn(headers: IncomingHttpHeaders): string | undefined {
  const token = headers["x-vault-token"] ?? /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** A path under /v1/ that is no route: the token is judged first, as for any other. */
function unknownRoute(method: string, path: string): FoundRoute {
  const error = path.startsWith("sys/") ? UNSUPPORTED_PATH : `no handler for route "${path}". route entry not found.`;
  const handle = (): Answer => errors(404, error);
  return { route: { methods: [method], path, by: "standby", needs: [capabilityOf(method)], handle }, parameters: {} };
}

function outside(path: string): Answer {
  if (path !== "/") return errors(404);
  return { status: 404, headers: { "content-type": "text/plain; charset=utf-8" }, body: "404 page not found\n" };
}

/** The object that came with a request; undefined when it is not one. */
function readBody({ body, method }: LabRequest): Readonly<Record<string, unknown>> | undefined {
  if (body.trim() === "" || method === "GET" || method === "HEAD") return {};
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
