import { z } from "zod";
import { looseFlag, looseText, rows } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import type { Connection } from "./connection.ts";
import { FOLDER_UID, PUSHED_TAG, type GrafanaApi, type PushedDashboard, type Stored } from "./contract.ts";

/** More than a search of Grafana answers. */
const SEARCH_LIMIT = 5_000;

const folder = z.looseObject({ title: z.string() });
const found = z.looseObject({
  dashboard: z.looseObject({ title: z.string(), tags: z.array(z.string()).nullish() }),
  meta: z.looseObject({
    version: z.int(),
    folderUid: looseText,
    updatedBy: looseText,
    provisioned: looseFlag,
    provisionedExternalId: looseText,
  }),
});
const version = z.looseObject({ version: z.int(), message: looseText });
const versions = z.union([
  z.array(version),
  z.looseObject({ versions: z.array(version) }).transform((all) => all.versions),
]);
const hits = rows(z.looseObject({ uid: z.string() }));

/**
 * Grafana's API of numbered versions, deprecated in 13 and the only one before 12.
 * Source: https://grafana.com/docs/grafana/v12.4/developers/http_api/dashboard/
 */
export function legacyApi(connection: Connection): GrafanaApi {
  const save = async (dashboard: PushedDashboard, base: number, message: string): Promise<void> => {
    const { body, where } = await connection.send("POST", "/api/dashboards/db", {
      dashboard: { ...dashboard.classic, id: null, uid: dashboard.uid, version: base },
      folderUid: FOLDER_UID,
      message,
      overwrite: false,
    });
    // whatever else answers 200 has not saved it
    readShape(z.looseObject({ uid: z.literal(dashboard.uid) }), body, where);
  };
  return {
    name: "/api/dashboards",
    contentOf: ({ classic }) => classic,
    readFolder: async () => {
      const answer = await connection.get(`/api/folders/${FOLDER_UID}`);
      return answer && readShape(folder, answer.body, answer.where).title;
    },
    createFolder: async (title) => void (await connection.send("POST", "/api/folders", { uid: FOLDER_UID, title })),
    read: async (uid) => {
      const answer = await connection.get(`/api/dashboards/uid/${uid}`);
      return answer && storedOf(uid, readShape(found, answer.body, answer.where));
    },
    readMessage: async ({ uid, revision }) => {
      const answer = await connection.get(`/api/dashboards/uid/${uid}/versions?limit=1`);
      const all = answer === undefined ? [] : readShape(versions, answer.body, answer.where);
      return all.find((each) => each.version === revision)?.message;
    },
    listUids: async () => {
      const query = new URLSearchParams({ type: "dash-db", tag: PUSHED_TAG, folderUIDs: FOLDER_UID });
      const answer = await connection.get(`/api/search?${query.toString()}&limit=${SEARCH_LIMIT}`);
      return answer === undefined ? [] : readShape(hits, answer.body, answer.where).map(({ uid }) => uid);
    },
    create: (dashboard, message) => save(dashboard, 0, message),
    update: (dashboard, { lock }, message) => save(dashboard, Number(lock), message),
    remove: async ({ uid }) => void (await connection.send("DELETE", `/api/dashboards/uid/${uid}`)),
  };
}

const storedOf = (uid: string, { dashboard, meta }: z.output<typeof found>): Stored => ({
  uid,
  title: dashboard.title,
  folderUid: meta.folderUid ?? "",
  tags: dashboard.tags ?? [],
  content: dashboard,
  revision: meta.version,
  lock: meta.version,
  savedBy: meta.updatedBy,
  keeper:
    meta.provisioned === true ? `the file ${meta.provisionedExternalId ?? ""} of Grafana's provisioning` : undefined,
});
