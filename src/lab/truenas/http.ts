import type { LabAnswer, LabRequest } from "../exchange.ts";
import { callOf, findMethod } from "./dispatch.ts";
import { Subscriptions } from "./events.ts";
import { FailedCall } from "./failure.ts";
import { MethodError } from "./methods/contract.ts";
import type { Nas } from "./nas.ts";
import { apiVersionsOf, existsIn } from "./releases.ts";

const REST = "/api/v2.0/";

/** Answers what is no WebSocket. `onRest` hears of a use of the REST API, which the server will warn of. */
export async function answerHttp(nas: Nas, request: LabRequest, onRest: () => Promise<void>): Promise<LabAnswer> {
  const { path } = request;
  if (path.startsWith(REST) && nas.release !== "26") {
    await onRest();
    return answerRest(nas, request);
  }
  if (existsIn(nas.release, { since: "25.04" })) {
    if (path === "/api/versions") return json(200, apiVersionsOf(nas.release));
    if (path === "/api/boot_id") return json(200, nas.bootId);
  }
  if (path.startsWith("/api/") || path === "/websocket") return NOT_FOUND;
  if (path.startsWith("/ui/")) return { status: 200, headers: { "content-type": "text/html" }, body: UI };
  return { status: 302, headers: { location: `https://${request.headers.host ?? ""}/ui/` } };
}

/** As the web framework answers on a path that it does not know. */
export const NOT_FOUND: LabAnswer = {
  status: 404,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: "404: Not Found",
};

const UI = "<!doctype html>\n<html><head><title>TrueNAS</title></head><body><ix-root></ix-root></body></html>\n";

const json = (status: number, body: unknown): LabAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function answerRest(nas: Nas, { path, headers, method }: LabRequest): Promise<LabAnswer> {
  const secret = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  const key = nas.state.system.apiKeys.find((each) => each.key === secret && !each.revoked);
  if (key === undefined) return { status: 401, body: "401: Unauthorized" };
  const name = path.slice(REST.length).replace(/\/$/, "").replaceAll("/", ".");
  if (method !== "GET") return { status: 405, body: "405: Method Not Allowed" };
  const session = { key, refused: false, scram: undefined };
  const subscriptions = new Subscriptions(nas, nas.release, { event: () => {}, ended: () => {} });
  try {
    const found = findEither(nas, [`${name}.query`, name]);
    const call = { nas, session, subscriptions, release: nas.release, address: "rest", params: [] };
    return json(200, await callOf(name, found)(call));
  } catch (thrown) {
    if (thrown instanceof MethodError) return json(422, { message: thrown.message, errno: 22 });
    if (!(thrown instanceof FailedCall)) throw thrown;
    return thrown.failure.kind === "protocol" ? NOT_FOUND : json(403, { message: "Not authorized" });
  }
}

function findEither(nas: Nas, [first, second]: readonly [string, string]): ReturnType<typeof findMethod> {
  try {
    return findMethod(first, nas.release);
  } catch {
    return findMethod(second, nas.release);
  }
}
