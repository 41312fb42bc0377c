import type { LabAnswer, LabRequest } from "../exchange.ts";
import { may, type LabAccount } from "./access.ts";
import { bodyOf, failure, fieldsOf, json, textOf } from "./answers.ts";
import { asStored } from "./quirks.ts";
import type { GrafanaStore, LabDashboard, Save } from "./store.ts";

/** How one version of Grafana serves resources. */
export interface ResourceOptions {
  /** Versions of `dashboard.grafana.app` and `folder.grafana.app`. */
  readonly dashboards: readonly string[];
  readonly folders: readonly string[];
  /** Whether the reason of the last save is left out of the dashboard itself. */
  readonly hidesMessage: boolean;
}

/** What a request asks for. */
interface Call extends ResourceOptions {
  readonly store: GrafanaStore;
  readonly account: LabAccount;
  readonly request: LabRequest;
  readonly version: string;
  readonly name: string | undefined;
}

const PATH =
  /^\/apis\/(dashboard|folder)\.grafana\.app\/([^/]+)\/namespaces\/default\/(dashboards|folders)(?:\/([^/]+))?$/;

/** Grafana's API of resources. Source: pkg/storage/unified/apistore of grafana/grafana */
export function resourceAnswer(
  store: GrafanaStore,
  account: LabAccount,
  request: LabRequest,
  options: ResourceOptions,
): LabAnswer | undefined {
  if (request.path === "/apis") return json(200, groupsOf(options));
  const [, group, version = "", kind, name] = PATH.exec(request.path) ?? [];
  if ((kind !== "dashboards" && kind !== "folders") || `${group ?? ""}s` !== kind) return undefined;
  if (!options[kind].includes(version)) return undefined;
  const call: Call = { ...options, store, account, request, version, name };
  if (kind === "folders") return name === undefined ? createFolder(call) : readFolder(call, name);
  if (name === undefined) return request.method === "GET" ? list(call) : create(call);
  const dashboard = store.dashboards.get(name);
  const now = store.now(name);
  if (dashboard === undefined || now === undefined)
    return failure(404, "NotFound", `dashboards.dashboard.grafana.app "${name}" not found`);
  if (request.method === "GET") return json(200, resourceOf(call, dashboard, now));
  return request.method === "PUT" ? update(call, now) : remove(call, dashboard, now);
}

const groupsOf = ({ dashboards, folders }: ResourceOptions): object => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: [groupOf("dashboard.grafana.app", dashboards), groupOf("folder.grafana.app", folders)],
});

const groupOf = (name: string, versions: readonly string[]): object => {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
};

function readFolder({ store, version }: Call, uid: string): LabAnswer {
  const folder = store.folders.get(uid);
  if (folder === undefined) return failure(404, "NotFound", "folder not found");
  const metadata = { name: uid, namespace: "default", generation: 1 };
  return json(200, {
    kind: "Folder",
    apiVersion: `folder.grafana.app/${version}`,
    metadata,
    spec: { title: folder.title },
  });
}

function createFolder({ store, account, request }: Call): LabAnswer {
  const { metadata, spec } = bodyOf(request);
  const uid = textOf(fieldsOf(metadata)["name"]);
  if (!may(account, "folders:create", "general"))
    return failure(403, "Forbidden", "folders.folder.grafana.app is forbidden: not allowed to create resource");
  if (store.folders.has(uid))
    return failure(409, "AlreadyExists", `folders.folder.grafana.app "${uid}" already exists`);
  store.folders.set(uid, { title: textOf(fieldsOf(spec)["title"]), by: account.login });
  return json(201, { metadata: { name: uid }, spec });
}

function list(call: Call): LabAnswer {
  const { store, request } = call;
  const [, only] = /^metadata\.name=(.+)$/.exec(request.query.get("fieldSelector") ?? "") ?? [];
  if (request.query.get("labelSelector") === "grafana.app/get-history=true") return history(call, only ?? "");
  const limit = Number(request.query.get("limit") ?? 500);
  const start = Number(request.query.get("continue") ?? 0);
  const all = [...store.dashboards.values()];
  const items = all.slice(start, start + limit).flatMap((each) => {
    const now = each.saves.at(-1);
    return now === undefined ? [] : [resourceOf(call, each, now)];
  });
  const rest = start + limit < all.length ? { continue: String(start + limit) } : {};
  return json(200, { kind: "DashboardList", metadata: rest, items });
}

function history(call: Call, uid: string): LabAnswer {
  const dashboard = call.store.dashboards.get(uid);
  const saves = (dashboard?.saves ?? []).toReversed().slice(0, Number(call.request.query.get("limit") ?? 500));
  const items =
    dashboard === undefined ? [] : saves.map((save) => resourceOf({ ...call, hidesMessage: false }, dashboard, save));
  return json(200, { kind: "DashboardList", metadata: {}, items });
}

function create({ store, account, request, ...call }: Call): LabAnswer {
  const { uid, folderUid, message, spec, resourceVersion } = sent(request);
  if (!may(account, "dashboards:create", folderUid)) return forbidden("create");
  if (isTooOld(call.version, spec)) return tooOld(uid);
  if (resourceVersion !== "")
    return failure(400, "BadRequest", "resourceVersion should not be set on objects to be created");
  if (store.dashboards.has(uid))
    return failure(409, "AlreadyExists", `dashboards.dashboard.grafana.app "${uid}" already exists`);
  if (!store.folders.has(folderUid)) return failure(404, "NotFound", "folder not found");
  const now = store.save({ uid, spec, folderUid, message, by: account.login });
  return json(201, resourceOf({ ...call, store, account, request }, { uid, saves: [now] }, now));
}

function update({ store, account, request, ...call }: Call, now: Save): LabAnswer {
  const { uid, folderUid, message, spec, resourceVersion } = sent(request);
  if (!may(account, "dashboards:write", now.folderUid)) return forbidden("update");
  if (isTooOld(call.version, spec)) return tooOld(uid);
  if (resourceVersion !== "" && resourceVersion !== String(now.resourceVersion)) return conflict(uid);
  const saved = store.save({ uid, spec, folderUid, message, by: account.login });
  return json(200, resourceOf({ ...call, store, account, request }, { uid, saves: [saved] }, saved));
}

function remove({ store, account, request }: Call, { uid }: LabDashboard, now: Save): LabAnswer {
  if (!may(account, "dashboards:delete", now.folderUid)) return forbidden("delete");
  const wanted = textOf(fieldsOf(bodyOf(request)["preconditions"])["resourceVersion"]);
  if (wanted !== "" && wanted !== String(now.resourceVersion)) return conflict(uid);
  store.dashboards.delete(uid);
  return json(200, { kind: "Status", apiVersion: "v1", status: "Success" });
}

/** The oldest schema that the server migrates. Source: apps/dashboard/pkg/migration/schemaversion of grafana/grafana */
const OLDEST_SCHEMA = 13;

/** The classic form is migrated when it is written; one that names no schema is taken to be of the very first. */
const isTooOld = (version: string, { schemaVersion }: Save["spec"]): boolean =>
  !version.startsWith("v2") && !(Number(schemaVersion ?? 0) >= OLDEST_SCHEMA);

const tooOld = (uid: string): LabAnswer =>
  failure(
    422,
    "Invalid",
    `Dashboard.dashboard.grafana.app "${uid}" is invalid: spec: Invalid value: "${uid}": dashboard schema version 0 cannot be migrated to the latest one`,
  );

const forbidden = (verb: string): LabAnswer =>
  failure(403, "Forbidden", `dashboards.dashboard.grafana.app is forbidden: not allowed to ${verb} resource`);

const conflict = (uid: string): LabAnswer =>
  failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on dashboards.dashboard.grafana.app "${uid}": the object has been modified; please apply your changes to the latest version and try again`,
  );

function sent(request: LabRequest) {
  const { metadata, spec } = bodyOf(request);
  const { name, resourceVersion, annotations } = fieldsOf(metadata);
  const notes = fieldsOf(annotations);
  return {
    uid: textOf(name),
    resourceVersion: textOf(resourceVersion),
    folderUid: textOf(notes["grafana.app/folder"]),
    message: textOf(notes["grafana.app/message"]),
    spec: fieldsOf(spec),
  };
}

function resourceOf(
  { version, hidesMessage }: Call,
  { uid, saves, provisionedFrom }: LabDashboard,
  save: Save,
): object {
  const { revision, resourceVersion, folderUid, by, message, spec } = save;
  return {
    kind: "Dashboard",
    apiVersion: `dashboard.grafana.app/${version}`,
    metadata: {
      uid: `k8s-${uid}`,
      name: uid,
      namespace: "default",
      generation: revision,
      resourceVersion: String(resourceVersion),
      creationTimestamp: "2026-11-01T00:00:00Z",
      labels: { "grafana.app/deprecatedInternalID": "4711" },
      annotations: {
        "grafana.app/folder": folderUid,
        "grafana.app/createdBy": saves[0]?.by ?? by,
        ...(revision > 1 ? { "grafana.app/updatedBy": by } : {}),
        ...(hidesMessage || message === "" ? {} : { "grafana.app/message": message }),
        ...(provisionedFrom === undefined
          ? {}
          : { "grafana.app/managedBy": "classic-file-provisioning", "grafana.app/managerId": provisionedFrom }),
      },
    },
    spec: asStored(spec, version.startsWith("v2")),
    status: {},
  };
}
