import type { LabAnswer, LabRequest } from "../exchange.ts";
import type { Access, Privilege } from "./access.ts";
import { data, failure, groupRow, hostAnswer, jobRow, snapshotRow, storeRow, taskRow, usageRow } from "./answers.ts";
import type { BackupState, LabDatastore, LabJobKind, LabNamespace } from "./model.ts";

/** A request with a good token. */
export interface BackupExchange {
  readonly state: BackupState;
  readonly access: Access;
  readonly request: LabRequest;
  /** Unix seconds. */
  readonly now: number;
}

type Route = (exchange: BackupExchange, ...parameters: readonly string[]) => LabAnswer;

const FORBIDDEN = failure(403, "permission check failed");

/** The privilege at the path, or 403. */
const needing =
  (path: string, privilege: Privilege, route: Route): Route =>
  (exchange, ...parameters) =>
    exchange.access.at(path).includes(privilege) ? route(exchange, ...parameters) : FORBIDDEN;

const ROUTES: readonly (readonly [RegExp, Route])[] = [
  [/^version$/, ({ state }) => data(state.version)],
  [/^access\/permissions$/, ({ access, request }) => data(access.describe(request.query.get("path") ?? undefined))],
  [/^status\/datastore-usage$/, listUsage],
  [/^admin\/datastore$/, ({ state, access }) => data(state.datastores.filter((s) => sees(access, s)).map(storeRow))],
  [/^admin\/datastore\/([^/]+)\/namespace$/, listNamespaces],
  [/^admin\/datastore\/([^/]+)\/groups$/, listGroups],
  [/^admin\/datastore\/([^/]+)\/snapshots$/, listSnapshots],
  [/^admin\/(gc|verify|sync|prune)$/, listJobs],
  [/^nodes\/[^/]+\/status$/, needing("/system/status", "Sys.Audit", ({ state }) => data(hostAnswer(state)))],
  [/^nodes\/[^/]+\/tasks$/, listTasks],
  [/^nodes\/[^/]+\/subscription$/, subscription],
  [/^nodes\/[^/]+\/certificates\/info$/, needing("/system/certificates", "Sys.Modify", () => data([]))],
];

/** Answers a request whose token is good; `path` begins after `/api2/json/`. */
export function answerRoute(exchange: BackupExchange, path: string): LabAnswer {
  if (exchange.request.method !== "GET") return failure(404, `Path '/api2/json/${path}' not found.`);
  for (const [pattern, route] of ROUTES) {
    const match = pattern.exec(path);
    if (match !== null) return route(exchange, ...match.slice(1).map(decodeURIComponent));
  }
  return failure(404, `Path '/api2/json/${path}' not found.`);
}

const aclPath = (store: string, ns = ""): string => `/datastore/${store}${ns === "" ? "" : `/${ns}`}`;
const audits = (access: Access, store: string, ns = ""): boolean =>
  access
    .at(aclPath(store, ns))
    .some((privilege) => privilege === "Datastore.Audit" || privilege === "Datastore.Backup");
/** A token that may see one namespace sees the datastore's name. */
const sees = (access: Access, { store, namespaces }: LabDatastore): boolean =>
  namespaces.some(({ ns }) => audits(access, store, ns)) || audits(access, store);

function listUsage({ state, access, now }: BackupExchange): LabAnswer {
  const seen = state.datastores.filter((store) => sees(access, store));
  return data(seen.map((store) => usageRow(store, audits(access, store.store), now)));
}

/** A datastore that can be opened, or what the server says of it. */
function openStore({ state }: BackupExchange, name: string | undefined): LabDatastore | LabAnswer {
  const store = state.datastores.find((one) => one.store === name);
  if (store === undefined) return failure(404, `datastore '${name}' does not exist`);
  if (store.mountStatus === "notmounted") return failure(400, `datastore '${name}' is not mounted`);
  return store.error === undefined ? store : failure(400, store.error);
}

function listNamespaces(exchange: BackupExchange, name?: string): LabAnswer {
  const store = openStore(exchange, name);
  if ("status" in store) return store;
  const seen = store.namespaces.filter(({ ns }) => audits(exchange.access, store.store, ns));
  return seen.length === 0 ? FORBIDDEN : data(seen.map(({ ns }) => ({ ns })));
}

function openNamespace(exchange: BackupExchange, name: string | undefined): LabNamespace | LabAnswer {
  const ns = exchange.request.query.get("ns") ?? "";
  if (!audits(exchange.access, name ?? "", ns)) return FORBIDDEN;
  const store = openStore(exchange, name);
  if ("status" in store) return store;
  return store.namespaces.find((one) => one.ns === ns) ?? failure(400, `namespace '${ns}' does not exist`);
}

function listGroups(exchange: BackupExchange, name?: string): LabAnswer {
  const namespace = openNamespace(exchange, name);
  return "status" in namespace ? namespace : data(namespace.groups.map(groupRow));
}

function listSnapshots(exchange: BackupExchange, name?: string): LabAnswer {
  const namespace = openNamespace(exchange, name);
  if ("status" in namespace) return namespace;
  const { query } = exchange.request;
  const [type, id] = [query.get("backup-type"), query.get("backup-id")];
  const groups = namespace.groups.filter(
    (group) => (type ?? group.type) === group.type && (id ?? group.id) === group.id,
  );
  return data(groups.flatMap((group) => group.snapshots.map((snapshot) => snapshotRow(group, snapshot))));
}

/** Lists hold what the token may see. A sync job that pulls asks for the remote as well. */
function listJobs({ state, access }: BackupExchange, kind?: string): LabAnswer {
  const seen = state.jobs.filter(
    (job) =>
      job.kind === (kind as LabJobKind) &&
      audits(access, job.store) &&
      (job.remote === undefined || access.at(`/remote/${job.remote}/main`).includes("Remote.Audit")),
  );
  return data(
    seen.map((job) =>
      jobRow(
        job,
        state.datastores.find(({ store }) => store === job.store),
      ),
    ),
  );
}

/** Without the privilege the list holds the token's own tasks, of which there are none. */
function listTasks({ state, access, request: { query } }: BackupExchange): LabAnswer {
  if (!access.at("/system/tasks").includes("Sys.Audit")) return data([]);
  const since = Number(query.get("since") ?? 0);
  const found = state.tasks
    .filter(({ startedAt }) => startedAt >= since)
    .filter(({ status }) => query.get("errors") !== "1" || status !== "OK")
    .toSorted((a, b) => b.startedAt - a.startedAt);
  const limit = Number(query.get("limit") ?? 50);
  return data((limit === 0 ? found : found.slice(0, limit)).map(taskRow));
}

/** Without the privilege the state alone is told. */
function subscription({ state, access }: BackupExchange): LabAnswer {
  if (access.at("/").includes("Sys.Audit")) return data(state.subscription);
  return data({
    status: state.subscription["status"],
    url: "https://www.proxmox.com/en/proxmox-backup-server/pricing",
  });
}
