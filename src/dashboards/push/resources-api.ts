import { z } from "zod";
import { looseNumber, looseText } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import type { Connection } from "./connection.ts";
import { FOLDER_UID, PUSHED_TAG, type GrafanaApi, type PushedDashboard, type Stored } from "./contract.ts";

/** Versions of the two groups, and where the organisation's things are. */
export interface ResourceVersions {
  readonly dashboards: string;
  readonly folders: string;
  readonly namespace: string;
}

const ANNOTATION = {
  folder: "grafana.app/folder",
  message: "grafana.app/message",
  createdBy: "grafana.app/createdBy",
  updatedBy: "grafana.app/updatedBy",
  keeper: "grafana.app/managedBy",
  keeperName: "grafana.app/managerId",
  grant: "grafana.app/grant-permissions",
} as const;

/** Lists have the whole dashboards in them, also those of other people, which may be large. */
const PAGE = 20;

const resource = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    resourceVersion: z.string(),
    generation: looseNumber,
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.looseObject({ title: z.string(), tags: z.array(z.string()).nullish() }),
});
type Resource = z.output<typeof resource>;

/** What else is there need not be as ours is. */
const listed = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    generation: looseNumber,
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.looseObject({ tags: z.array(z.string()).nullish().catch([]) }).nullish(),
});
const list = z.looseObject({
  metadata: z.looseObject({ continue: looseText }).nullish(),
  items: z.array(listed),
});
const folder = z.looseObject({ spec: z.looseObject({ title: z.string() }) });

/**
 * Grafana's API of resources.
 * Source: https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/dashboard/
 */
export function resourcesApi(connection: Connection, versions: ResourceVersions): GrafanaApi {
  const group = `dashboard.grafana.app/${versions.dashboards}`;
  const dashboards = `/apis/${group}/namespaces/${versions.namespace}/dashboards`;
  const folderGroup = `folder.grafana.app/${versions.folders}`;
  const folders = `/apis/${folderGroup}/namespaces/${versions.namespace}/folders`;
  const contentOf = ({ classic, v2 }: PushedDashboard): object =>
    versions.dashboards === "v2" ? specOf(v2) : withoutNames(classic);
  const bodyOf = (dashboard: PushedDashboard, message: string, lock?: Stored["lock"]): object => ({
    apiVersion: group,
    kind: "Dashboard",
    metadata: {
      name: dashboard.uid,
      ...(lock === undefined ? {} : { resourceVersion: String(lock) }),
      annotations: { [ANNOTATION.folder]: FOLDER_UID, [ANNOTATION.message]: message },
    },
    spec: contentOf(dashboard),
  });
  const save = async (method: "POST" | "PUT", path: string, resource: object, name: string): Promise<void> => {
    const { body, where } = await connection.send(method, path, resource);
    // whatever else answers 200 has not saved it
    readShape(z.looseObject({ metadata: z.looseObject({ name: z.literal(name) }) }), body, where);
  };
  return {
    name: group,
    contentOf,
    readFolder: async () => {
      const answer = await connection.get(`${folders}/${FOLDER_UID}`);
      return answer && readShape(folder, answer.body, answer.where).spec.title;
    },
    createFolder: async (title) =>
      void (await connection.send("POST", folders, {
        apiVersion: folderGroup,
        kind: "Folder",
        // else only administrators could use what a service account makes
        metadata: { name: FOLDER_UID, annotations: { [ANNOTATION.grant]: "default" } },
        spec: { title },
      })),
    read: async (uid) => {
      const answer = await connection.get(`${dashboards}/${uid}`);
      return answer && storedOf(readShape(resource, answer.body, answer.where));
    },
    readMessage: (stored) => readMessage(connection, dashboards, stored),
    listUids: () => listUids(connection, dashboards),
    create: (dashboard, message) => save("POST", dashboards, bodyOf(dashboard, message), dashboard.uid),
    update: (dashboard, { uid, lock }, message) =>
      save("PUT", `${dashboards}/${uid}`, bodyOf(dashboard, message, lock), uid),
    remove: async ({ uid, lock }) =>
      void (await connection.send("DELETE", `${dashboards}/${uid}`, {
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions: { resourceVersion: String(lock) },
      })),
  };
}

/**
 * What names and counts a dashboard stands in its metadata; without its `schemaVersion`, Grafana refuses it as too old.
 */
const withoutNames = (classic: object): object =>
  Object.fromEntries(Object.entries(classic).filter(([key]) => !["id", "uid", "version"].includes(key)));

const specOf = (v2: object): object => readShape(z.looseObject({ spec: z.looseObject({}) }), v2, "a dashboard").spec;

/** A dashboard itself need not show the message, but its history does, newest first. */
async function readMessage(connection: Connection, path: string, { uid, revision }: Stored) {
  const query = new URLSearchParams({
    labelSelector: "grafana.app/get-history=true",
    fieldSelector: `metadata.name=${uid}`,
    limit: "1",
  });
  const answer = await connection.get(`${path}?${query.toString()}`);
  const items = answer === undefined ? [] : readShape(list, answer.body, answer.where).items;
  const newest = items.find(({ metadata }) => metadata.generation === revision);
  return newest?.metadata.annotations?.[ANNOTATION.message];
}

async function listUids(connection: Connection, path: string): Promise<readonly string[]> {
  const uids: string[] = [];
  let next = "";
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(next === "" ? {} : { continue: next }) });
    const answer = await connection.get(`${path}?${query.toString()}`);
    if (answer === undefined) break;
    const page = readShape(list, answer.body, answer.where);
    const ours = page.items.filter(
      ({ metadata, spec }) =>
        metadata.annotations?.[ANNOTATION.folder] === FOLDER_UID && (spec?.tags ?? []).includes(PUSHED_TAG),
    );
    uids.push(...ours.map(({ metadata }) => metadata.name));
    next = page.metadata?.continue ?? "";
  } while (next !== "");
  return uids;
}

function storedOf({ metadata, spec }: Resource): Stored {
  const annotations = metadata.annotations ?? {};
  const keeper = annotations[ANNOTATION.keeper];
  return {
    uid: metadata.name,
    title: spec.title,
    folderUid: annotations[ANNOTATION.folder] ?? "",
    tags: spec.tags ?? [],
    content: spec,
    revision: metadata.generation,
    lock: metadata.resourceVersion,
    savedBy: annotations[ANNOTATION.updatedBy] ?? annotations[ANNOTATION.createdBy],
    keeper: keeper === undefined ? undefined : `${keeper} ${annotations[ANNOTATION.keeperName] ?? ""}`.trim(),
  };
}
