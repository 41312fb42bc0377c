import type { LabAnswer, LabRequest } from "../exchange.ts";
import { may, type LabAccount } from "./access.ts";
import { bodyOf, fieldsOf, json, refusal, textOf } from "./answers.ts";
import type { GrafanaStore, LabDashboard, Save } from "./store.ts";

/** Grafana's older API. Source: pkg/api/dashboard.go and pkg/api/folder.go of grafana/grafana */
export function legacyAnswer(store: GrafanaStore, account: LabAccount, request: LabRequest): LabAnswer | undefined {
  const { method, path } = request;
  const call = (verb: string, pattern: RegExp): RegExpExecArray | null => (method === verb ? pattern.exec(path) : null);
  const [, folderUid] = call("GET", /^\/api\/folders\/([^/]+)$/) ?? [];
  if (folderUid !== undefined) return readFolder(store, folderUid);
  if (call("POST", /^\/api\/folders$/) !== null) return createFolder(store, account, request);
  const [, read] = call("GET", /^\/api\/dashboards\/uid\/([^/]+)$/) ?? [];
  if (read !== undefined) return withDashboard(store, read, (dashboard, now) => json(200, full(dashboard, now)));
  const [, versions] = call("GET", /^\/api\/dashboards\/uid\/([^/]+)\/versions$/) ?? [];
  if (versions !== undefined) return withDashboard(store, versions, (dashboard) => listVersions(dashboard, request));
  const [, remove] = call("DELETE", /^\/api\/dashboards\/uid\/([^/]+)$/) ?? [];
  if (remove !== undefined) return withDashboard(store, remove, (...found) => removeOne(store, account, ...found));
  if (call("POST", /^\/api\/dashboards\/db$/) !== null) return save(store, account, request);
  return call("GET", /^\/api\/search$/) === null ? undefined : search(store, request);
}

function withDashboard(
  store: GrafanaStore,
  uid: string,
  answer: (dashboard: LabDashboard, now: Save) => LabAnswer,
): LabAnswer {
  const dashboard = store.dashboards.get(uid);
  const now = store.now(uid);
  if (dashboard === undefined || now === undefined) return refusal(404, "Dashboard not found");
  return answer(dashboard, now);
}

function readFolder(store: GrafanaStore, uid: string): LabAnswer {
  const folder = store.folders.get(uid);
  return folder === undefined ? refusal(404, "folder not found") : json(200, { uid, title: folder.title, version: 1 });
}

function createFolder(store: GrafanaStore, account: LabAccount, request: LabRequest): LabAnswer {
  const { uid, title } = bodyOf(request);
  if (!may(account, "folders:create", "general")) return refusal(403, DENIED("folders:create"));
  if (store.folders.has(textOf(uid))) return refusal(409, "a folder with the same uid already exists");
  store.folders.set(textOf(uid), { title: textOf(title), by: account.login });
  return json(200, { uid, title });
}

/** The content is as it was sent, with what Grafana counts. */
const full = ({ uid, saves, provisionedFrom }: LabDashboard, { revision, spec, folderUid, by }: Save): object => ({
  dashboard: { ...spec, id: 17, uid, version: revision },
  meta: {
    version: revision,
    folderUid,
    updatedBy: by,
    createdBy: saves[0]?.by,
    provisioned: provisionedFrom !== undefined,
    provisionedExternalId: provisionedFrom ?? "",
  },
});

function listVersions({ uid, saves }: LabDashboard, { query }: LabRequest): LabAnswer {
  const newest = saves.toReversed().slice(0, Number(query.get("limit") ?? 1_000));
  const versions = newest.map(({ revision, message, by }) => ({ uid, version: revision, message, createdBy: by }));
  return json(200, { continueToken: "", versions });
}

function removeOne(store: GrafanaStore, account: LabAccount, { uid, provisionedFrom }: LabDashboard, now: Save) {
  if (!may(account, "dashboards:delete", now.folderUid)) return refusal(403, DENIED("dashboards:delete"));
  if (provisionedFrom !== undefined) return refusal(400, "provisioned dashboard cannot be deleted");
  store.dashboards.delete(uid);
  return json(200, { message: "Dashboard deleted", uid });
}

function save(store: GrafanaStore, account: LabAccount, request: LabRequest): LabAnswer {
  const { dashboard, folderUid, message, overwrite } = bodyOf(request);
  const spec = fieldsOf(dashboard);
  const uid = textOf(spec["uid"]);
  const folder = textOf(folderUid);
  const now = store.now(uid);
  const action = now === undefined ? "dashboards:create" : "dashboards:write";
  if (!may(account, action, folder)) return refusal(403, DENIED(action));
  if (folder !== "" && !store.folders.has(folder)) return refusal(400, "folder not found");
  if (store.dashboards.get(uid)?.provisionedFrom !== undefined)
    return refusal(400, "Cannot save provisioned dashboard");
  if (now !== undefined && overwrite !== true && spec["version"] !== now.revision)
    return refusal(412, "The dashboard has been changed by someone else", { status: "version-mismatch" });
  const twin = [...store.dashboards.values()].find((each) => {
    const last = each.saves.at(-1);
    return each.uid !== uid && last?.folderUid === folder && last.spec["title"] === spec["title"];
  });
  if (twin !== undefined)
    return refusal(412, "A dashboard with the same name in the folder already exists", { status: "name-exists" });
  const saved = store.save({ uid, spec, folderUid: folder, message: textOf(message), by: account.login });
  return json(200, { uid, status: "success", version: saved.revision });
}

function search(store: GrafanaStore, { query }: LabRequest): LabAnswer {
  const hits = [...store.dashboards.keys()].flatMap((uid) => {
    const now = store.now(uid);
    const tags = now?.spec["tags"];
    const hasTag = Array.isArray(tags) && tags.includes(query.get("tag"));
    return hasTag && now?.folderUid === query.get("folderUIDs") ? [{ uid, title: now.spec["title"], tags }] : [];
  });
  return json(200, hits);
}

const DENIED = (action: string): string =>
  `You'll need additional permissions to perform this action. Permissions needed: ${action}`;
