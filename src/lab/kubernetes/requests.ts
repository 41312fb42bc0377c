import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { allows, demand, type Access } from "./access.ts";
import { Refusal, sendJson, sendRefusal } from "./answers.ts";
import type { KubernetesObject, KubernetesRule } from "./contract.ts";
import { KINDS, readPath, type ApiPath, type LabKind } from "./kinds.ts";
import { selectorOf } from "./selectors.ts";
import type { Store } from "./store.ts";
import type { Watches } from "./watches.ts";

/** What requests are answered from. */
export interface LabState {
  readonly store: Store;
  readonly watches: Watches;
  readonly access: Access;
}

interface Exchange {
  readonly state: LabState;
  readonly method: string;
  readonly url: URL;
  readonly rules: readonly KubernetesRule[];
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const VERBS: Readonly<Record<string, string>> = { POST: "create", PUT: "update", DELETE: "delete", PATCH: "patch" };
const NO_PATH = new Refusal(404, "", "404 page not found");

/** Answers one request. */
export async function answerRequest(
  state: LabState,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(incoming.url ?? "/", "https://lab.test");
    const rules = state.access.rulesOf(incoming.headers.authorization);
    await answer({ state, method: incoming.method ?? "GET", url, rules, incoming, response });
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    sendRefusal(response, thrown);
  }
}

async function answer(exchange: Exchange): Promise<void> {
  const { url, method, response, state } = exchange;
  if (url.pathname === "/version") return sendJson(response, 200, { major: "1", minor: "37", gitVersion: "v1.37.2" });
  if (url.pathname === REVIEWS && method === "POST") return review(exchange);
  const path = readPath(url.pathname, [...KINDS, ...definedKinds(state.store)]);
  if (path === undefined) throw NO_PATH;
  const { group, resource } = path.kind;
  const isWatch = url.searchParams.get("watch") === "true";
  const verb = method === "GET" ? (isWatch ? "watch" : path.name === undefined ? "list" : "get") : VERBS[method];
  if (verb === undefined) throw new Refusal(405, "MethodNotAllowed", "the server does not allow this method");
  demand(exchange.rules, { verb, group, resource, namespace: path.namespace });
  if (method !== "GET") return change(exchange, path);
  if (path.name !== undefined) return sendJson(response, 200, state.store.find({ ...path, name: path.name }));
  const selector = selectorOf(url.searchParams, path.namespace);
  if (isWatch) return state.watches.open({ kind: path.kind, selector, query: url.searchParams }, response);
  sendList(exchange, path);
}

function sendList({ state, url, response }: Exchange, { kind, namespace }: ApiPath): void {
  const { searchParams } = url;
  const page = state.store.list(kind, selectorOf(searchParams, namespace), {
    limit: Number(searchParams.get("limit") ?? 0),
    from: searchParams.get("continue") ?? "",
  });
  sendJson(response, 200, {
    kind: `${kind.kind}List`,
    apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`,
    metadata: { resourceVersion: String(page.version), ...(page.next !== undefined && { continue: page.next }) },
    // objects in lists do not tell their kind
    items: page.items.map(({ kind: _kind, apiVersion: _apiVersion, ...object }) => object),
  });
}

async function change({ state, method, incoming, response }: Exchange, path: ApiPath): Promise<void> {
  const { store } = state;
  if (method === "DELETE") {
    const name = path.name ?? "";
    return sendJson(response, 200, store.remove({ ...path, name }));
  }
  const object = await readObject(incoming);
  const place = { ...path, name: path.name ?? object.metadata.name };
  if (method === "POST") {
    // as with every kind that has the subresource, a status is only written by it
    const created = KINDS.includes(path.kind) ? object : { ...object, status: undefined };
    return sendJson(response, 201, store.put(place, created, true));
  }
  const before = store.find(place);
  const merged = path.isStatus
    ? { ...before, status: { ...asObject(before["status"]), ...asObject(object["status"]) } }
    : method === "PATCH"
      ? { ...before, ...object, metadata: { ...before.metadata, ...object.metadata } }
      : object;
  sendJson(response, 200, store.put(place, merged, false));
}

async function review({ incoming, rules, response }: Exchange): Promise<void> {
  const object = await readObject(incoming);
  const attributes = asObject(asObject(object["spec"])["resourceAttributes"]);
  const told = (key: string): string | undefined => {
    const value = attributes[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const allowed = allows(rules, {
    verb: told("verb") ?? "",
    group: told("group") ?? "",
    resource: told("resource") ?? "",
    namespace: told("namespace"),
  });
  sendJson(response, 201, { ...object, status: { allowed } });
}

async function readObject(incoming: IncomingMessage): Promise<KubernetesObject> {
  try {
    const object = asObject(JSON.parse(await text(incoming)));
    return { ...object, metadata: asObject(object["metadata"]) } as unknown as KubernetesObject;
  } catch {
    throw new Refusal(400, "BadRequest", "the object provided is unrecognized: it is not JSON");
  }
}

/** The kinds that the CustomResourceDefinitions in the store make. */
function definedKinds(store: Store): readonly LabKind[] {
  const definitions = KINDS.filter(({ kind }) => kind === "CustomResourceDefinition").flatMap((kind) =>
    store.all(kind),
  );
  return definitions.map((definition) => definedKind(definition));
}

function definedKind(definition: KubernetesObject): LabKind {
  const spec = asObject(definition["spec"]);
  const names = asObject(spec["names"]);
  return {
    group: String(spec["group"]),
    version: "v1",
    resource: String(names["plural"]),
    kind: String(names["kind"]),
    namespaced: spec["scope"] === "Namespaced",
  };
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
